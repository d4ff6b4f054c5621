import { randomUUID } from 'node:crypto';
import { newSigningKey } from '../support/keyring.ts';

type Case = [sql: string, values: unknown[], code: string];

/** Makes an endpoint, with the key that the server gives each call. */
const endpoint = (given: string) =>
  `select app.create_webhook_endpoint(${given}, signing_key => '${newSigningKey()}')`;

const long = (n: number) => 'x'.repeat(n);

/** Statements of an owner and the code that each must be refused with. */
export const refused: Record<string, Case[]> = {
  'a project': [
    ...[[''], [long(201)], [long(1_000_000)]].map(
      (v): Case => ['insert into app.project (name) values ($1)', v, '23514'],
    ),
    ['insert into app.project (name) values ($1)', [null], '23502'],
    ['insert into app.project (description) values ($1)', ['x'], '23502'],
    ['insert into app.project (name) values ($1)', ['a\u0000b'], '22021'],
    [`insert into app.project (name, description) values ('x', $1)`, [long(10_001)], '23514'],
    [`insert into app.project (name, description) values ('x', $1)`, [null], '23502'],
    [`insert into app.project (name, lead_id) values ('x', $1)`, [randomUUID()], '23503'],
    [`insert into app.project (name, lead_id) values ('x', $1)`, ['not a uuid'], '22P02'],
    [`insert into app.project (name, status) values ('x', $1)`, ['archived'], '42501'],
    [`insert into app.project (name, version) values ('x', $1)`, [7], '42501'],
    [`insert into app.project (name, id) values ('x', $1)`, [randomUUID()], '42501'],
    [`insert into app.project (name, created_at) values ('x', $1)`, [new Date(0)], '42501'],
    [`update app.project set status = $1`, ['archived'], '42501'],
    [`update app.project set name = $1`, [''], '23514'],
    [`update app.project set name = $1`, [null], '23502'],
    ...[0, -1, 2_147_483_647].map((v): Case => ['update app.project set version = $1', [v], 'ZF006']),
    ['update app.project set version = $1', [null], 'ZF006'],
    ['update app.project set version = $1', ['2147483648'], '22003'],
  ],
  'an invitation': [
    ...['', 'x', '@', 'a@', '@b', 'a b@c', 'a@b c', `${long(65)}@x`, `a@${long(256)}`, 'a@b@c'].map(
      (v): Case => [`insert into app.invitation (email, role) values ($1, 'viewer')`, [v], '23514'],
    ),
    [`insert into app.invitation (email, role) values ($1, 'viewer')`, [null], '23502'],
    [`insert into app.invitation (email, role) values ('a@b', $1)`, ['king'], 'ZF010'],
    [`insert into app.invitation (email, role) values ('a@b', $1)`, [null], '23502'],
    ...['infinity', '-infinity', '2000-01-01', '9999-12-31'].map(
      (v): Case => [
        `insert into app.invitation (email, role, expires_at) values ('a@b', 'viewer', $1)`,
        [v],
        'ZF010',
      ],
    ),
    [`insert into app.invitation (email, role, expires_at) values ('a@b', 'viewer', $1)`, [null], '23502'],
    [`insert into app.invitation (email, role, expires_at) values ('a@b', 'viewer', $1)`, ['soon'], '22007'],
    [
      `insert into app.invitation (email, role, invited_by) values ('a@b', 'viewer', $1)`,
      [randomUUID()],
      '42501',
    ],
  ],
  'an API key': [
    [`select app.create_api_key($1, '{project:read}')`, [''], '23514'],
    [`select app.create_api_key($1, '{project:read}')`, [long(201)], '23514'],
    [`select app.create_api_key($1, '{project:read}')`, [null], '23502'],
    [`select app.create_api_key('x', $1)`, [null], 'ZF003'],
    [`select app.create_api_key('x', $1)`, [[]], '23514'],
    [`select app.create_api_key('x', $1)`, [[null]], 'ZF003'],
    [`select app.create_api_key('x', $1)`, [['project:explode']], 'ZF003'],
    [`select app.create_api_key('x', $1)`, [['*']], 'ZF003'],
    [`select app.create_api_key('x', $1)`, [['']], 'ZF003'],
    [`select app.create_api_key('x', $1)`, [['project:read|x']], 'ZF003'],
    // a list in one text is not two permissions
    [`select app.create_api_key('x', $1)`, [['project:archive,project:create']], 'ZF003'],
    [`select app.create_api_key('x', $1)`, [['tenant:suspend']], 'ZF003'],
    [`select app.create_api_key('x', '{project:read}', $1)`, ['2000-01-01'], 'ZF010'],
    [`select app.create_api_key('x', '{project:read}', $1)`, ['infinity'], 'ZF010'],
    [`select app.create_api_key('x', '{project:read}', $1)`, ['294276-01-01'], 'ZF010'],
    [`select app.create_api_key('x', '{project:read}', $1)`, ['-infinity'], 'ZF010'],
    [`update app.api_key set scopes = $1`, [['project:read']], '42501'],
    [`insert into app.api_key (name, prefix, scopes) values ('x', 'xxxx', $1)`, [['project:read']], '42501'],
  ],
  'a webhook endpoint': [
    ...[
      '',
      'x',
      'ftp://x',
      'https://',
      'http://user:pass@x/',
      'https://x/#y',
      'https://x y/',
      'javascript:alert(1)',
      `https://x/${long(2048)}`,
    ].map((v): Case => [endpoint(`$1`), [v], '23514']),
    [endpoint(`$1`), [null], '23502'],
    [endpoint(`'https://x/', $1`), [[]], '23514'],
    [endpoint(`'https://x/', $1`), [null], '23502'],
    [endpoint(`'https://x/', $1`), [['project.exploded']], 'ZF010'],
    [endpoint(`'https://x/', $1`), [['nothing.*']], 'ZF010'],
    [endpoint(`'https://x/', $1`), [[null]], 'ZF010'],
    [endpoint(`'https://x/', $1`), [Array.from({ length: 101 }, () => '*')], '23514'],
    [endpoint(`'https://x/', '{*}', $1`), [long(1001)], '23514'],
    ['select app.create_webhook_endpoint($1)', ['https://x/'], 'ZF010'],
    ['select app.create_webhook_endpoint($1, signing_key => $2)', ['https://x/', 'whsec_plain'], '23514'],
  ],
  'a report': [
    ...['', 'everything', 'EVENTS'].map(
      (v): Case => ['insert into app.report (kind) values ($1)', [v], '23514'],
    ),
    ['insert into app.report (kind) values ($1)', [null], '23502'],
    [`insert into app.report (kind, since) values ('events', $1)`, ['infinity'], '23514'],
    [`insert into app.report (kind, since) values ('events', $1)`, ['10000-01-01'], '23514'],
    [`insert into app.report (kind, since) values ('events', $1)`, ['0044-03-15 BC'], '23514'],
    [`insert into app.report (kind, since) values ('events', $1)`, ['-infinity'], '23514'],
    [`insert into app.report (kind, since) values ('events', $1)`, ['yesterday at noon sharp'], '22007'],
    ['select app.report_content($1)', [null], 'ZF004'],
  ],
  'a use of a feature': [
    ...[0, -1, 1_000_001, 2_147_483_647, -2_147_483_648, null].map(
      (v): Case => [`select app.use_feature('search', $1)`, [v], 'ZF010'],
    ),
    [`select app.use_feature('search', $1)`, ['99999999999'], '22003'],
    ...['', 'Search', 'a b', '1a', long(101), 'é', '😀', null].map(
      (v): Case => ['select app.use_feature($1)', [v], 'ZF010'],
    ),
  ],
  'a member': [
    [`update app.membership set role = $1 where role = 'viewer'`, ['king'], 'ZF010'],
    [`update app.membership set role = $1 where role = 'viewer'`, [null], '23502'],
    [`update app.membership set email = $1`, ['x@y'], '42501'],
    [
      `insert into app.membership (person_id, email, name, role) values ($1, 'x@y', 'x', 'owner')`,
      [randomUUID()],
      '42501',
    ],
  ],
};
