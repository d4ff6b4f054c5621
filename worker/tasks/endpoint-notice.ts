import { oneLine } from '../mail.ts';
import type { TaskEvent } from './internal.ts';

/** What the events webhook_endpoint.disabled and .failing carry, as far as people are told of it. */
interface EndpointData {
  id?: string;
  url?: string;
  description?: string;
  /** Of .failing. */
  failing_since?: string | null;
  disables_at?: string;
  /** gone: it answered 410. failing: nothing but failures for too long. */
  disabled_reason?: string | null;
}

export interface Notice {
  subject: string;
  text: string;
}

/** What the people of a tenant are told of an endpoint: what happened, since when, and what to do. */
export function endpointNotice(
  event: Pick<TaskEvent, 'type' | 'entity_id' | 'data' | 'occurred_at'>,
  tenantName: string,
): Notice {
  const endpoint = JSON.parse(event.data) as EndpointData;
  const tenant = oneLine(tenantName, 100);
  const { host, shown } = describeUrl(endpoint.url ?? '');
  const failing = event.type === 'webhook_endpoint.failing';
  const lines = failing ? failingText(endpoint) : disabledText(endpoint, event.occurred_at);
  const text = [
    'Hello,',
    '',
    ...lines.happened,
    '',
    `  Organization: ${tenant}`,
    `  URL:          ${shown}`,
    `  Description:  ${oneLine(endpoint.description ?? '', 1_000) || '(none)'}`,
    `  Endpoint id:  ${event.entity_id}`,
    '',
    'What to do:',
    ...lines.remedy.map((step, i) => `  ${i + 1}. ${step}`),
    '',
    `You are told because your role in ${tenant} may change webhook endpoints.`,
    '',
  ].join('\n');
  return {
    subject: `${tenant}: webhook endpoint ${failing ? 'is failing' : 'disabled'} (${host})`,
    text,
  };
}

interface Told {
  happened: string[];
  remedy: string[];
}

function failingText({ failing_since, disables_at }: EndpointData): Told {
  return {
    happened: [
      `Every delivery to a webhook endpoint has failed since ${moment(failing_since)}.`,
      `If that goes on, the endpoint is disabled on ${moment(disables_at)}, and nothing more is sent to it.`,
    ],
    remedy: [
      'Look at the delivery log of the endpoint: it shows what the receiver answered.',
      'Mend the receiver. Each delivery must be answered with a 2xx status in time; one that succeeds ends this warning.',
      'What failed is tried again by itself. Replay what was given up.',
    ],
  };
}

function disabledText({ disabled_reason }: EndpointData, at: Date): Told {
  const because =
    disabled_reason === 'gone'
      ? 'The receiver answered 410 Gone: it asks for no more deliveries.'
      : disabled_reason === 'failing'
        ? 'Every delivery to it had failed for too long.'
        : 'The system did so; nobody of your organization did.';
  return {
    happened: [
      `A webhook endpoint was disabled on ${moment(at)}. ${because}`,
      'Nothing has been sent to it since.',
    ],
    remedy: [
      'If it is no longer needed, there is nothing to do.',
      'Otherwise mend the receiver: each delivery must be answered with a 2xx status in time.',
      'Enable the endpoint again.',
      'Replay what failed, and what happened while the endpoint was disabled.',
    ],
  };
}

/** The query is left out: it is where secrets are put, and mails are forwarded. */
function describeUrl(url: string): { host: string; shown: string } {
  if (!URL.canParse(url)) return { host: 'unknown', shown: '(unknown)' };
  const { host, origin, pathname, search } = new URL(url);
  return { host: oneLine(host, 80), shown: oneLine(`${origin}${pathname}${search && '?…'}`, 2_100) };
}

function moment(value: Date | string | null | undefined): string {
  const date = new Date(value ?? Number.NaN);
  if (Number.isNaN(date.getTime())) return 'an unknown time';
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
