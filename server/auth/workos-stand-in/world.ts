import { newId } from './ids.ts';
import type { Impersonator, State, WorkosEvent } from './state.ts';
import { now } from './timestamps.ts';

export interface Settings {
  url: string;
  issuer: string;
  apiKey: string;
  clientId: string;
  accessTokenSeconds: number;
  redirectUris: readonly string[] | undefined;
}

/** Somebody who has shown who they are, and has no session yet. */
export interface SignIn {
  userId: string;
  organizationId: string | undefined;
  /** As /authenticate names it, such as SSO, Password or GoogleOAuth. */
  method: string;
  connectionId: string | undefined;
  impersonator: Impersonator | undefined;
  invitationToken: string | undefined;
}

/** Milliseconds since the epoch. */
interface Passing {
  expiresAt: number;
}

export interface Code extends Passing {
  signIn: SignIn;
  challenge: string | undefined;
  used: boolean;
  /** What came of its use. */
  sessionId?: string;
}

export interface PendingSelection extends Passing {
  signIn: SignIn;
  code: Code;
  publicClient: boolean;
}

export interface PortalLink extends Passing {
  intent: string;
  organizationId: string;
  returnUrl: string | undefined;
}

/** All that the parts of the stand-in share. */
export interface World {
  readonly state: State;
  readonly settings: Settings;
  /** What lives for minutes and is not worth a file. */
  readonly codes: Map<string, Code>;
  readonly pending: Map<string, PendingSelection>;
  readonly portalLinks: Map<string, PortalLink>;
  /** Records an event, which goes to the list and to the webhook. `data` is copied: later changes do not reach it. */
  emit(event: string, data: object): void;
  save(): void;
  /** Tells whoever runs the stand-in of what went wrong. */
  readonly report: Report;
}

export type Report = (message: string, error: unknown) => void;

/** As many as are kept; WorkOS keeps them for 90 days. */
const eventsKept = 10_000;

export function createWorld(
  state: State,
  settings: Settings,
  save: () => void,
  send: (event: WorkosEvent) => void,
  report: Report,
): World {
  return {
    state,
    settings,
    codes: new Map(),
    pending: new Map(),
    portalLinks: new Map(),
    save,
    report,
    emit(name, data) {
      const event: WorkosEvent = {
        object: 'event',
        id: newId('event'),
        event: name,
        data: structuredClone(data) as Record<string, unknown>,
        created_at: now(),
        context: {},
      };
      state.events.push(event);
      if (state.events.length > eventsKept) state.events.splice(0, state.events.length - eventsKept);
      save();
      send(event);
    },
  };
}

/** Adds what passes, and forgets what has passed. */
export function remember<T extends Passing>(map: Map<string, T>, key: string, value: T): void {
  for (const [old, { expiresAt }] of map) if (expiresAt <= Date.now()) map.delete(old);
  map.set(key, value);
}

/** What is remembered under a key and has not passed. */
export function recall<T extends Passing>(map: Map<string, T>, key: string): T | undefined {
  const value = map.get(key);
  return value && value.expiresAt > Date.now() ? value : undefined;
}
