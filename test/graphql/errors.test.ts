import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startServer } from './server.ts';
import { createTenant } from './tenants.ts';

const database = await createTestDatabase();
const tenant = await createTenant(database, 'acme');
const server = await startServer(database);
const query = (text: string, variables?: Record<string, unknown>) =>
  server.query(tenant.apiKey, text, variables);
const firstProject = async () =>
  (await query('{ projects(first: 1) { nodes { id version } } }')).data.projects.nodes[0];
const update =
  'mutation($id: UUID!, $p: ProjectPatch!) { updateProject(input: {id: $id, patch: $p}) { project { name version } } }';
const create = 'mutation($p: ProjectInput!) { createProject(input: {project: $p}) { project { id name } } }';

describe('errors', () => {
  it('tell a stale version, with the detail of the database', async () => {
    const { id, version } = await firstProject();
    const ok = await query(update, { id, p: { name: 'renamed', version } });
    expect(ok.data.updateProject.project).toEqual({ name: 'renamed', version: version + 1 });
    const stale = await query(update, { id, p: { name: 'again', version } });
    expect(stale.errors?.[0]?.extensions.code).toBe('stale_version');
    expect(stale.errors?.[0]?.path).toEqual(['updateProject']);
    expect(stale.errors?.[0]?.extensions.remedy).toBeTruthy();
  });

  it('list the legal transitions after an illegal one', async () => {
    const { id } = await firstProject();
    const restore = await query(
      'mutation($id: UUID!) { restoreProject(input: {id: $id}) { project { id } } }',
      { id },
    );
    expect(restore.errors?.[0]?.extensions.code).toBe('illegal_transition');
    expect(JSON.stringify(restore.errors)).toMatch(/archive/);
  });

  it.each([
    ['a name that is too long', { name: 'x'.repeat(201) }, 'invalid_value'],
    ['an empty name', { name: '' }, 'invalid_value'],
    [
      'a reference to nobody',
      { name: 'n', leadId: '01999999-0000-7000-8000-000000000000' },
      'reference_not_found',
    ],
    ['a character that cannot be stored', { name: 'a\u0000b' }, 'invalid_input'],
    ['a missing name', {}, 'invalid_input'],
    ['a name of another type', { name: 7 }, 'invalid_input'],
    ['a field that does not exist', { name: 'n', tenantId: tenant.id }, 'invalid_input'],
  ])('have a code for %s', async (_name, p, code) => {
    const answer = await query(create, { p });
    expect(answer.errors?.[0]?.extensions.code).toBe(code);
    expect(JSON.stringify(answer.errors)).not.toMatch(/insert into|violates|relation "/);
  });

  it('take unicode as it is', async () => {
    const name = 'Füße 🚀 مشروع';
    expect((await query(create, { p: { name } })).data.createProject.project.name).toBe(name);
  });

  it('that nobody foresaw are masked, and found in the log by their request id', async () => {
    await database.pool('admin').query(`
      create function app.fail() returns trigger language plpgsql as $$
      begin
        if new.name = 'boom' then raise exception 'secret of table app.project'; end if;
        return new;
      end $$;
      create trigger _999_fail before insert on app.project for each row execute function app.fail()`);
    const answer = await query(create, { p: { name: 'boom' } });
    const [error] = answer.errors ?? [];
    expect(error?.extensions.code).toBe('internal');
    expect(JSON.stringify(answer.errors)).not.toContain('secret of table');
    expect(error?.extensions.requestId).toBe(answer.headers.get('x-request-id'));
    const line = server.lines.find((entry) => entry.request_id === error?.extensions.requestId && entry.err);
    expect(JSON.stringify(line)).toContain('secret of table');
  });
});

describe('limits', () => {
  it('a list without first is a page of 50, and none is above 100', async () => {
    const busy = await createTenant(database, 'busy', 120);
    const count = async (args: string) => {
      const answer = await server.query(busy.apiKey, `{ projects${args} { nodes { id } } }`);
      return answer.errors?.[0]?.extensions.code ?? answer.data.projects.nodes.length;
    };
    expect(await count('')).toBe(50);
    expect(await count('(first: 100)')).toBe(100);
    expect(await count('(last: 3)')).toBe(3);
    expect(await count('(first: 101)')).toBe('invalid_argument');
    expect(await count('(last: 1000000)')).toBe('invalid_argument');
    expect(await count('(first: -1)')).toBe('invalid_argument');
    const variable = await server.query(
      busy.apiKey,
      'query($n: Int) { projects(first: $n) { nodes { id } } }',
      { n: 5000 },
    );
    expect(variable.errors?.[0]?.extensions.code).toBe('invalid_argument');
  });

  it('an operation may not ask for more than 10,000 objects, whatever its variables say', async () => {
    const nested =
      'query($n: Int) { events(first: $n) { nodes { deliveries(first: $n) { nodes { attempts(first: $n) { nodes { id } } } } } } }';
    expect((await query(nested, { n: 100 })).errors?.[0]?.extensions.code).toBe('too_large');
    expect((await query(nested, { n: 3 })).errors).toBeUndefined();
  });

  it('an operation may not repeat itself by aliases', async () => {
    const many = Array.from({ length: 40 }, (_, i) => `a${i}: __typename`).join(' ');
    const answer = await query(`{ ${many} }`);
    expect(answer.status).toBe(400);
    expect(answer.errors?.some((error) => /aliases/.test(error.message))).toBe(true);
  });

  it('an operation may not be nested without end', async () => {
    let text = 'id';
    for (let i = 0; i < 12; i++) text = `deliveries { nodes { event { ${text} } } }`;
    const answer = await query(`{ events { nodes { ${text} } } }`);
    expect(answer.status).toBe(400);
    expect(answer.errors?.some((error) => /depth/.test(error.message))).toBe(true);
  });
});
