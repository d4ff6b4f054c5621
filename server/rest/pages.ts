import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type RequestHandler, type Router } from 'express';
import { setRoute } from '../http/call.ts';
import type { Description } from './contract.ts';
import { describeOpenApi } from './openapi/document.ts';

/** Where Swagger UI's own files are: served from here, with no CDN. */
const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Swagger UI styles elements by attribute, and draws with data: images; its requests go to this API alone. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API reference</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/v1/docs/swagger-ui.css">
</head>
<body>
<main id="reference"></main>
<script src="/v1/docs/swagger-ui-bundle.js"></script>
<script src="/v1/docs/start.js"></script>
</body>
</html>
`;

const start = `SwaggerUIBundle({
  url: '/v1/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'none',
  filter: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

/**
 * What everybody may read: the OpenAPI document of each version, and the reference in which it can be tried (Swagger UI: it is the one that shows
 * OpenAPI 3.1, sends requests, and comes as plain files).
 */
export function publicPages({ contracts, eventTypes }: Description, server: string): Router {
  const router = express.Router();
  const documents = new Map<string, string>();
  const documentOf = (version: string): string | undefined => {
    const contract = contracts.find((own) => own.version === version);
    let text = documents.get(version);
    if (contract && text === undefined) {
      text = JSON.stringify(describeOpenApi(contract, eventTypes, server));
      documents.set(version, text);
    }
    return text;
  };
  const [newest] = contracts;
  router.get('/openapi.json', (request, response, next) => {
    const asked = request.headers['freehold-version'];
    const text = documentOf(typeof asked === 'string' ? asked : (newest?.version ?? ''));
    if (text === undefined) return next();
    setRoute(request.call, '/v1/openapi.json');
    response.set({
      'cache-control': 'public, max-age=300',
      vary: 'freehold-version',
      'access-control-allow-origin': '*',
    });
    response.type('json').send(text);
  });
  const named: RequestHandler = (request, _response, next) => {
    setRoute(request.call, '/v1/docs');
    next();
  };
  router.get('/docs', named, (_request, response) => {
    response.set({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    });
    response.type('html').send(page);
  });
  router.get('/docs/start.js', named, (_request, response) => {
    response.set({ 'cache-control': 'no-cache' }).type('js').send(start);
  });
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    router.get(`/docs/${file}`, named, (_request, response) => {
      response.sendFile(file, { root: assets, maxAge: '1h' });
    });
  }
  return router;
}
