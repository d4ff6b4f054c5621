import { buildSchema, type GraphQLObjectType } from 'postgraphile/graphql';
import { expect, it } from 'vitest';
import { describeSchema } from '../../server/graphql/server.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
await database.pool('owner').query(`
  select platform.declare_states('app.parcel_status', '{"packed": "It is packed.", "sent": "It is on its way."}');
  create table app.parcel (
    tenant_id uuid not null default platform.tenant_id(),
    id uuid not null default uuidv7(),
    weight integer,
    grams integer,
    height integer not null,
    status text not null default 'packed' references app.parcel_status,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id)
  );
  comment on table app.parcel is 'A parcel.';
  comment on column app.parcel.weight is E'@deprecated Use grams.\\nIts weight in pounds.';
  comment on column app.parcel.height is E'@deprecated Nobody reads it.\\nIts height.';
  select platform.declare_entity('app.parcel',
    permissions => '{"read": "viewer", "create": "member", "update": "member", "send": "member"}',
    lifecycle => '{"initial": "packed", "transitions": {"send": {"from": ["packed"], "to": "sent", "event": "parcel.sent"}}}',
    events => '{"descriptions": {"parcel.created": "Packed.", "parcel.updated": "Changed.", "parcel.sent": "Sent."}}');
  comment on function app.send_parcel(uuid, integer) is E'@deprecated Parcels are sent by themselves.\\nSends it.';
  comment on function app.resend_invitation(uuid) is E'@deprecated Invite again.\\nSends it again.';
`);
const text = await describeSchema(database.pool('app'));
const schema = buildSchema(text);
const reasonOf = (type: string, name: string) => {
  const field = (schema.getType(type) as GraphQLObjectType | undefined)?.getFields()[name];
  if (!field) throw new Error(`there is no ${type}.${name}`);
  return field.deprecationReason ?? null;
};

it('a column of a new entity that is deprecated says so where it is read and where it is written', () => {
  expect(reasonOf('Parcel', 'weight')).toBe('Use grams.');
  expect(reasonOf('ParcelInput', 'weight')).toBe('Use grams.');
  expect(reasonOf('ParcelPatch', 'weight')).toBe('Use grams.');
  expect(reasonOf('Parcel', 'grams')).toBeNull();
  expect(text).not.toContain('@deprecated Use grams.');
});

it('one that is required is deprecated for its readers alone', () => {
  expect(reasonOf('Parcel', 'height')).toBe('Nobody reads it.');
  expect(reasonOf('ParcelInput', 'height')).toBeNull();
  expect(reasonOf('ParcelPatch', 'height')).toBe('Nobody reads it.');
});

it('so do the verb of a lifecycle and a function', () => {
  expect(reasonOf('Mutation', 'sendParcel')).toBe('Parcels are sent by themselves.');
  expect(reasonOf('Mutation', 'resendInvitation')).toBe('Invite again.');
  expect(reasonOf('Mutation', 'updateParcel')).toBeNull();
});
