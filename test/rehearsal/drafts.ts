import { basename } from 'node:path';

/** Drafts, each with what it must be reported for. They run one after another, as migrations do. */
export const drafts: Record<string, { sql: string; codes: string[] }> = {
  '010-volatile-default.sql': {
    sql: 'alter table app.invoice add column token uuid not null default gen_random_uuid();',
    codes: ['table-rewrite'],
  },
  '020-plain-default.sql': {
    sql: `alter table app.invoice add column note text not null default 'none';`,
    codes: [],
  },
  '030-other-type.sql': {
    sql: 'alter table app.feature_usage alter column slot type integer;',
    codes: ['table-rewrite'],
  },
  '040-set-not-null.sql': {
    sql: 'alter table app.project alter column lead_id set not null;',
    codes: ['exclusive-lock-with-scan'],
  },
  '050-check.sql': {
    sql: 'alter table app.project add constraint short_name check (length(name) < 100);',
    codes: ['exclusive-lock-with-scan'],
  },
  '060-check-not-valid.sql': {
    sql: 'alter table app.invoice_line add constraint sane check (amount < 1000000) not valid;',
    codes: [],
  },
  '070-validate.sql': {
    sql: 'alter table app.invoice_line validate constraint sane;',
    codes: [],
  },
  '080-index.sql': {
    sql: 'create index invoice_due on app.invoice (tenant_id, due_at);',
    codes: ['exclusive-lock-with-scan'],
  },
  '090-index-concurrently.sql': {
    sql: '--! no-transaction\ncreate index concurrently invoice_paid on app.invoice (tenant_id, paid_at);',
    codes: [],
  },
  '100-foreign-key.sql': {
    // none of its rows has such a project, and PostgreSQL accepts it
    sql: 'alter table app.feature_usage add constraint wrong foreign key (tenant_id, id) references app.project (tenant_id, id);',
    codes: ['foreign-key-unchecked'],
  },
  '101-foreign-key-not-valid.sql': {
    sql: 'alter table app.feature_usage add constraint its_tenant foreign key (tenant_id, tenant_id) references app.tenant (tenant_id, id) not valid;',
    codes: [],
  },
  '102-foreign-key-validated.sql': {
    sql: `revoke select on app.feature_usage from freehold_owner;
      alter table app.feature_usage validate constraint its_tenant;
      grant select on app.feature_usage to freehold_owner;`,
    codes: [],
  },
  '105-backfill-that-sees-nothing.sql': {
    sql: `update app.report set error = 'none' where error is null;`,
    codes: ['changes-nothing'],
  },
  '110-backfill.sql': {
    sql: `alter table app.report disable trigger user, no force row level security;
      update app.report set error = 'none' where error is null;
      alter table app.report enable trigger user, force row level security;`,
    codes: ['exclusive-lock-with-scan', 'many-rows-changed'],
  },
  '120-hidden-in-a-block.sql': {
    sql: `do $$ begin execute 'alter table app.membership add column ' || 'token uuid default gen_random_uuid()'; end $$;`,
    codes: ['table-rewrite'],
  },
  '130-partitions.sql': {
    sql: `alter table app.event add constraint typed check (type <> '');`,
    codes: ['exclusive-lock-with-scan'],
  },
  '140-new-table.sql': {
    sql: `create table platform.copied as select * from app.invoice;`,
    codes: [],
  },
  '150-allowed.sql': {
    sql: `-- lint: allow exclusive-lock-with-scan: the maintenance window was told to everybody
      create index invoice_total on app.invoice (tenant_id, total);`,
    codes: [],
  },
  '160-foreign-key-of-orphans.sql': {
    sql: `alter table app.report add constraint wrong foreign key (tenant_id, id) references app.project (tenant_id, id) not valid;
      revoke select on app.report from freehold_owner;
      alter table app.report validate constraint wrong;`,
    codes: ['fails-on-data'],
  },
};

/** Codes of the problems by the draft that each stands in; drafts without have none. */
export function codesByDraft(problems: readonly { path: string; code: string }[]): Record<string, string[]> {
  const codesOf = (name: string) =>
    problems.filter(({ path }) => basename(path) === name).map(({ code }) => code);
  return Object.fromEntries(Object.keys(drafts).map((name) => [name, codesOf(name)]));
}
