import type { Client } from 'pg';

/** The four reads of the issue, through policies and by hand. */
export interface Read {
  name: 'point' | 'newest50' | 'count' | 'join';
  /** Values of the declared query; `plain` takes the tenant after them. */
  values: (id: string) => unknown[];
  declared: string;
  plain: string;
}

const columns = 'p.id, p.name, p.status, p.version, p.created_at';

// The plain queries give the same rows: own tenant, and no deleted project.
export const reads: readonly Read[] = [
  {
    name: 'point',
    values: (id) => [id],
    declared: `select ${columns} from app.project p where p.id = $1`,
    plain: `select ${columns} from plain.project p where p.id = $1 and p.tenant_id = $2 and p.status <> 'deleted'`,
  },
  {
    name: 'newest50',
    values: () => [],
    declared: `select ${columns} from app.project p order by p.id desc limit 50`,
    plain: `select ${columns} from plain.project p where p.tenant_id = $1 and p.status <> 'deleted' order by p.id desc limit 50`,
  },
  {
    name: 'count',
    values: () => [],
    declared: 'select count(*) from app.project p',
    plain: `select count(*) from plain.project p where p.tenant_id = $1 and p.status <> 'deleted'`,
  },
  {
    name: 'join',
    values: () => [],
    declared: `select ${columns}, m.name as lead
      from app.project p
      left join app.membership m on m.tenant_id = p.tenant_id and m.id = p.lead_id
      order by p.id desc limit 50`,
    plain: `select ${columns}, m.name as lead
      from plain.project p
      left join plain.membership m on m.tenant_id = p.tenant_id and m.id = p.lead_id
      where p.tenant_id = $1 and p.status <> 'deleted'
      order by p.id desc limit 50`,
  },
];

export const runDeclared = (client: Client, read: Read, id: string) =>
  client.query({ name: `declared_${read.name}`, text: read.declared, values: read.values(id) });

export const runPlain = (client: Client, read: Read, id: string, tenant: string) =>
  client.query({ name: `plain_${read.name}`, text: read.plain, values: [...read.values(id), tenant] });

/** Ids of up to 500 projects of the tenant that the connection has entered. */
export async function someProjects(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>('select id from app.project order by id limit 500');
  return rows.map((row) => row.id);
}
