/*
 * The rows themselves, as the product would have left them: valid under every check, foreign key and rule of the tables, with triggers
 * off. `slots` gives whose row each is, its number among the tenant's, and how long ago it was made.
 */

/** Tenants with their owner, subscription, endpoint, slug, and the counter of their invoices. Limits of plans are not what is rehearsed. */
export const owners = (invoices: number): string => `
  with made as (
    select t.*, 'rehearsal-' || t.rank as slug, 'owner@rehearsal-' || t.rank || '.example' as email from rehearsal.tenant t
  ), keys as (
    select platform.add_principal(m.tenant_id, m.tenant_id, 'system'), platform.add_principal(m.tenant_id, m.owner_id, 'member') from made m
  ), plan as (
    insert into platform.tenant_plan (tenant_id, plan) select m.tenant_id, 'enterprise' from made m
  ), slug as (
    insert into identity.tenant_slug (slug, tenant_id) select m.slug, m.tenant_id from made m
  ), counter as (
    insert into platform.counter (tenant_id, name, value)
    select m.tenant_id, 'invoice', floor(${invoices} * m.weight)::bigint - floor(${invoices} * m.weight)::bigint / 50 from made m
  ), tenant as (
    insert into app.tenant (tenant_id, id, name, slug, status)
    select m.tenant_id, m.tenant_id, 'Tenant ' || m.rank, m.slug, 'active' from made m
  ), subscription as (
    insert into app.subscription (tenant_id, id, plan, status, current_period_end)
    select m.tenant_id, m.tenant_id, 'enterprise', 'active', now() + interval '1 month' from made m
  ), person as (
    insert into identity.person (id, email, name) select m.owner_id, m.email, 'Owner ' || m.rank from made m
  ), membership as (
    insert into app.membership (tenant_id, id, person_id, email, name, role)
    select m.tenant_id, m.owner_id, m.owner_id, m.email, 'Owner ' || m.rank, 'owner' from made m
  ), known as (
    insert into identity.person_principal (person_id, tenant_id, principal_id) select m.owner_id, m.tenant_id, m.owner_id from made m
  ), endpoint as (
    insert into app.webhook_endpoint (tenant_id, id, url, event_types)
    select m.tenant_id, m.endpoint_id, 'https://hooks.rehearsal-' || m.rank || '.example/', '{*}' from made m
  )
  select count(*) as rows from keys`;

// A subquery with a volatile function is evaluated once a row, so that its id gives the other columns their time.
const aged = (slots: string): string =>
  `(select s.*, uuidv7(s.age) as id, statement_timestamp() + s.age as made_at from ${slots} s) s`;

export const steadyRows = {
  member: (slots: string): string => `
    with made as materialized (
      select s.*, 'member' || s.n || '@rehearsal-' || s.rank || '.example' as email from ${aged(slots)}
    ), keys as (
      select platform.add_principal(m.tenant_id, m.id, 'member') from made m
    ), person as (
      insert into identity.person (id, email, name, created_at) select m.id, m.email, 'Member ' || m.n, m.made_at from made m
    ), membership as (
      insert into app.membership (tenant_id, id, person_id, email, name, role, status, created_at, updated_at)
      select m.tenant_id, m.id, m.id, m.email, 'Member ' || m.n, (array['member', 'viewer', 'admin', 'billing'])[1 + m.n % 4],
        case when m.n % 20 = 0 then 'removed' when m.n % 33 = 0 then 'suspended' else 'active' end, m.made_at, m.made_at
      from made m
    ), known as (
      insert into identity.person_principal (person_id, tenant_id, principal_id) select m.id, m.tenant_id, m.id from made m
    )
    select count(*) as rows from keys`,

  project: (slots: string): string => `
    with made as (
      insert into app.project (tenant_id, id, name, description, lead_id, status, created_at, updated_at)
      select s.tenant_id, s.id, 'Project ' || s.n, 'A few words about project ' || s.n || ' and what it is for.', s.owner_id,
        case when s.n % 10 = 0 then 'archived' else 'active' end, s.made_at, s.made_at
      from ${aged(slots)}
      returning 1
    )
    select count(*) as rows from made`,

  // Each fiftieth is a draft, which has no number yet; the others are numbered without gaps.
  invoice: (slots: string): string => `
    with slot as materialized (
      select s.*, s.n % 50 = 0 as draft, 1000 + s.n * 7919 % 90000 as amount, (s.n - s.n / 50)::text as number,
        case when s.n % 50 = 0 then 'draft' when s.n % 10 = 1 then 'open' when s.n % 25 = 2 then 'void'
          when s.n % 25 = 3 then 'uncollectible' else 'paid' end as status
      from ${aged(slots)}
    ), made as (
      insert into app.invoice (tenant_id, id, number, subscription_id, currency, total, status, period_start, period_end,
        issued_at, due_at, paid_at, version, created_at, updated_at)
      select s.tenant_id, s.id, case when not s.draft then 'INV-' || lpad(s.number, greatest(6, length(s.number)), '0') end,
        s.tenant_id, 'EUR', s.amount, s.status, s.made_at - interval '1 month', s.made_at,
        case when not s.draft then s.made_at end, case when not s.draft then s.made_at + interval '14 days' end,
        case when s.status = 'paid' then s.made_at + interval '3 days' end, 2, s.made_at, s.made_at
      from slot s
      returning 1
    ), line as (
      insert into app.invoice_line (tenant_id, id, invoice_id, description, amount, period_start, period_end, created_at)
      select s.tenant_id, uuidv7(s.age), s.id, 'Enterprise, per month', s.amount, s.made_at - interval '1 month', s.made_at, s.made_at
      from slot s
      returning 1
    )
    select (select count(*) from made) + (select count(*) from line) as rows`,

  // A tenant has eight features, each with sixteen slots a day.
  featureUsage: (slots: string): string => `
    with made as (
      insert into app.feature_usage (tenant_id, id, feature, day, slot, quantity)
      select s.tenant_id, s.id, 'feature_' || s.n / 16 % 8, current_date - (s.n / 128)::integer, s.n % 16, 1 + s.n % 100
      from ${aged(slots)}
      returning 1
    )
    select count(*) as rows from made`,

  report: (slots: string): string => `
    with made as (
      insert into app.report (tenant_id, id, kind, status, row_count, byte_count, expires_at, version, created_at, updated_at)
      select s.tenant_id, s.id, (array['events', 'invoices', 'members', 'usage'])[1 + s.n % 4], 'expired', s.n * 10, s.n * 2000,
        s.made_at + interval '7 days', 4, s.made_at, s.made_at
      from ${aged(slots)}
      returning 1
    )
    select count(*) as rows from made`,
};

/** Changes of projects as the recorder writes them, some with a delivery that took one attempt. */
export const events = (slots: string, deliveries: number): string => `
  with slot as materialized (
    select s.*, uuidv7(s.age) as entity_id from ${aged(slots)}
  ), made as (
    insert into app.event (tenant_id, id, xid, type, entity, entity_id, entity_version, data, previous, actor_type, actor_id,
      request_id, occurred_at)
    select s.tenant_id, s.id, pg_current_xact_id(), 'project.updated', 'project', s.entity_id, 2,
      jsonb_build_object('id', s.entity_id, 'name', 'Project ' || s.n, 'description', 'A few words about it', 'lead_id', s.owner_id,
        'status', 'active', 'version', 2, 'created_at', s.made_at, 'updated_at', s.made_at),
      jsonb_build_object('name', 'Former name of ' || s.n), 'member', s.owner_id, s.id::text, s.made_at
    from slot s
    returning 1
  ), sent as materialized (
    select s.*, uuidv7(s.age) as delivery_id
    from slot s
    where floor(s.n * ${deliveries}) > floor((s.n - 1) * ${deliveries})
  ), delivery as (
    insert into app.delivery (tenant_id, id, event_id, endpoint_id, status, attempt_count, created_at, updated_at)
    select s.tenant_id, s.delivery_id, s.id, s.endpoint_id, 'succeeded', 1, s.made_at, s.made_at from sent s
    returning 1
  ), attempt as (
    insert into app.delivery_attempt (tenant_id, id, delivery_id, endpoint_id, attempt, succeeded, status_code, latency_ms, occurred_at)
    select s.tenant_id, uuidv7(s.age), s.delivery_id, s.endpoint_id, 1, true, 200, 40 + s.n % 200, s.made_at from sent s
    returning 1
  )
  select (select count(*) from made) + (select count(*) from delivery) + (select count(*) from attempt) as rows`;
