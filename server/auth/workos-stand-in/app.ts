import { randomUUID } from 'node:crypto';
import express, { type Express, type RequestHandler } from 'express';
import type { Acts } from './acts.ts';
import { auditExportFiles, auditExportRoutes } from './audit-exports.ts';
import { auditLogRoutes } from './audit-logs.ts';
import { auditSchemaRoutes } from './audit-schemas.ts';
import { authenticateRoutes, sameText } from './authenticate.ts';
import { authorizeRoutes } from './authorize.ts';
import { connectionRoutes } from './connections.ts';
import { directoryRoutes } from './directories.ts';
import { domainRoutes } from './domains.ts';
import { ApiError, answerError, answerUnknownPath } from './errors.ts';
import { eventRoutes } from './events.ts';
import { idempotent } from './idempotency.ts';
import { invitationRoutes } from './invitations.ts';
import { localRoutes } from './local.ts';
import { hostNameOf, isLoopbackName } from './loopback.ts';
import { membershipRoutes } from './memberships.ts';
import { organizationRoutes } from './organizations.ts';
import { portalPages, portalRoutes } from './portal.ts';
import { logoutRoutes, sessionRoutes } from './sessions.ts';
import { keyRoutes, type Signer } from './tokens.ts';
import { userRoutes } from './users.ts';
import type { World } from './world.ts';

const bodyLimit = '1mb';

/** The stand-in as an Express application: first what needs no API key, then WorkOS's API. */
export function createApp(world: World, signer: Signer, acts: Acts): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(identify, demandLoopback);
  app.use(express.json({ limit: bodyLimit }), express.urlencoded({ limit: bodyLimit, extended: false }));
  app.use(saveAfterwards(world));
  app.use(authorizeRoutes(world), authenticateRoutes(world, signer), keyRoutes(world, signer));
  app.use(logoutRoutes(world), portalPages(world), auditExportFiles(world), localRoutes(world, acts));
  app.use(demandApiKey(world));
  app.post(['/organizations', '/audit_logs/events'], idempotent(world));
  app.use(
    userRoutes(world),
    organizationRoutes(world),
    domainRoutes(world),
    membershipRoutes(world),
    invitationRoutes(world),
    sessionRoutes(world),
    connectionRoutes(world),
    directoryRoutes(world),
    portalRoutes(world),
    auditLogRoutes(world),
    auditSchemaRoutes(world),
    auditExportRoutes(world),
    eventRoutes(world),
  );
  app.use(answerUnknownPath, answerError(world.report));
  return app;
}

const identify: RequestHandler = (_request, response, next) => {
  response.set('x-request-id', randomUUID());
  next();
};

/** A page of the internet whose name was made to mean this machine still sends its own name: DNS rebinding. */
const demandLoopback: RequestHandler = (request, _response, next) => {
  if (!isLoopbackName(hostNameOf(request.headers.host)))
    throw new ApiError(403, { message: 'The stand-in answers to loopback names only.', code: 'forbidden' });
  next();
};

const saveAfterwards =
  (world: World): RequestHandler =>
  (request, response, next) => {
    if (request.method !== 'GET') response.once('finish', world.save);
    next();
  };

const demandApiKey =
  (world: World): RequestHandler =>
  (request, _response, next) => {
    const [scheme, key] = (request.headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !sameText(key ?? '', world.settings.apiKey))
      throw new ApiError(401, { message: 'Unauthorized', code: 'unauthorized' });
    next();
  };
