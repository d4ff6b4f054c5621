import type { TestContext } from '../support/actors.ts';
import { asContext, asOperator, asSystem, asTenant, resolveContext } from '../support/actors.ts';
import type { TestDatabase } from '../support/database.ts';
import type { FullTenant } from '../support/every-table.ts';
import { addMember, createTenant } from '../support/tenants.ts';

export type NamedContexts = Map<string, TestContext | undefined>;

/** Contexts that name tenant `victim` and that this database did not sign, or not like that, or not for now. */
export async function forgedContexts(
  database: TestDatabase,
  victim: FullTenant,
  other: FullTenant,
): Promise<NamedContexts> {
  const tenantId = victim.id;
  const owner = await resolveContext(database, 'session', victim.members.get('owner')?.session ?? '');
  const viewer = await resolveContext(database, 'session', victim.members.get('viewer')?.session ?? '');
  const theirs = await resolveContext(database, 'session', other.members.get('owner')?.session ?? '');
  const field = (context: TestContext, n: number) => context.claims.split('|')[n] ?? '';
  const change = (context: TestContext, changes: Record<number, string>): TestContext => ({
    ...context,
    claims: context.claims
      .split('|')
      .map((value, n) => changes[n] ?? value)
      .join('|'),
  });
  const zero = '0'.repeat(64);
  const later = String(Number(field(owner, 1)) + 3600);
  return new Map<string, TestContext | undefined>([
    ['no context', undefined],
    ['only the tenant', { tenantId, claims: '', signature: '' }],
    ['claims without a signature', { ...owner, signature: '' }],
    ['claims with a signature of zeros', { ...owner, signature: zero }],
    ['a signature in capitals', { ...owner, signature: owner.signature.toUpperCase() }],
    ['a signature with one digit changed', { ...owner, signature: flipLast(owner.signature) }],
    ['a signature without claims', { ...owner, claims: '' }],
    ['permissions added', change(viewer, { 3: field(owner, 3) })],
    ['all permissions, and more than there are', change(viewer, { 3: '1'.repeat(999) })],
    ['a later expiry', change(owner, { 1: later })],
    ['an expiry that never comes', change(owner, { 1: 'infinity' })],
    ['an impersonator', change(owner, { 2: victim.members.get('admin')?.id ?? '' })],
    ['another principal of the tenant', change(viewer, { 0: field(owner, 0) })],
    ['the system, by its principal', change(owner, { 0: tenantId })],
    ["another tenant's claims and signature", { ...theirs, tenantId }],
    ["another tenant's signature", { ...owner, signature: theirs.signature }],
    ["another tenant's principal", change(owner, { 0: field(theirs, 0) })],
    ['one more field', { ...owner, claims: `${owner.claims}|` }],
    ['a space at the end', { ...owner, claims: `${owner.claims} ` }],
    ['expired a second ago', await signed(database, victim, owner, '-1 second')],
    ['expired a day ago', await signed(database, victim, owner, '-1 day')],
  ]);
}

function flipLast(signature: string): string {
  return signature.slice(0, -1) + (signature.endsWith('0') ? '1' : '0');
}

/** A context that this database signs, of the same claims with another expiry. */
export async function signed(
  database: TestDatabase,
  tenant: { id: string },
  like: TestContext,
  expiresIn: string,
): Promise<TestContext> {
  const [principal, , , held = ''] = like.claims.split('|');
  const { rows } = await database.pool('admin').query(
    `select claims, signature
     from platform.sign_context($1, $2, clock_timestamp() + $3::interval, null,
       array(select key from platform.permission where substr($4, number, 1) = '1'))`,
    [tenant.id, principal, expiresIn, held],
  );
  return { tenantId: tenant.id, ...rows[0] };
}

export interface Revocation {
  context: TestContext;
  /** Takes back what the context stands on; from then on it must open nothing. */
  revoke(): Promise<unknown>;
}

/** Contexts that were good, each with the act that ends it. Every one has members or keys of its own in the tenant. */
export async function revocableContexts(
  database: TestDatabase,
  tenant: FullTenant,
): Promise<Map<string, Revocation>> {
  const made = new Map<string, Revocation>();
  const asOwner = (sql: string, values: unknown[]) =>
    asTenant(database, tenant, (client) => client.query(sql, values));

  const member = async (name: string, revoke: (id: string, personId: string) => Promise<unknown>) => {
    const { id, personId, session } = await addMember(database, tenant.id, 'owner');
    const context = await resolveContext(database, 'session', session);
    made.set(name, { context, revoke: () => revoke(id, personId) });
  };
  await member('a suspended member', (id) => asOwner('select app.suspend_membership($1)', [id]));
  await member('a removed member', (id) => asOwner('select app.remove_membership($1)', [id]));
  await member('a member with another role', (id) =>
    asOwner(`update app.membership set role = 'admin' where id = $1`, [id]),
  );
  await member('a member whose sessions were revoked', (_, personId) =>
    database.pool('admin').query('select identity.revoke_sessions($1)', [personId]),
  );

  const key = async (name: string, revoke: (id: string) => Promise<unknown>) => {
    const { id, secret } = await asTenant(database, tenant, async (client) => {
      const { rows } = await client.query(
        `select k.id, k.secret from app.create_api_key('key', platform.permissions_of('owner')) k`,
      );
      return rows[0];
    });
    const context = await resolveContext(database, 'api_key', secret);
    made.set(name, { context, revoke: () => revoke(id) });
  };
  await key('a revoked key', (id) => asOwner('select app.revoke_api_key($1)', [id]));
  await key('an expired key', (id) =>
    asSystem(database, tenant.id, (client) => client.query('select app.expire_api_key($1)', [id])),
  );
  await key('a key with fewer scopes', (id) =>
    asOperator(database, tenant.id, (client) =>
      client.query(`update app.api_key set scopes = '{project:read}' where id = $1`, [id]),
    ),
  );
  return made;
}

/** A member's context in a tenant that goes through `verb`. */
export async function contextOfTenant(database: TestDatabase, verb: string): Promise<Revocation> {
  const tenant = await createTenant(database);
  const context = await resolveContext(database, 'session', tenant.members.get('owner')?.session ?? '');
  // so that there is something that the context opened
  await asContext(database, context, (client) =>
    client.query(`insert into app.project (name) values ('one')`),
  );
  return {
    context,
    revoke: () =>
      asSystem(database, tenant.id, (client) => client.query(`select app.${verb}_tenant($1)`, [tenant.id])),
  };
}
