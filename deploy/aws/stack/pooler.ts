import { Duration } from 'aws-cdk-lib';
import type { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { FargateService } from 'aws-cdk-lib/aws-ecs';
import { DnsRecordType } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { addTask, type Cluster, passwords } from './cluster.ts';
import { addGroup, connect } from './network.ts';

export interface Pooler {
  readonly group: SecurityGroup;
  readonly host: string;
  readonly service: FargateService;
}

export const POOLER_PORT = 6432;

/**
 * PgBouncer for what the server asks: its connections to PostgreSQL stay as few as `poolSize` says, however many servers there are, twice
 * as many during a deployment. Not RDS Proxy: the server's statements are named prepared statements in the extended protocol, each of
 * which pins a session of it for as long as the client's connection lasts, so that it pools nothing; PgBouncer follows them
 * (max_prepared_statements). The rest of the product goes past it: the worker and the server's listener LISTEN, and migrations hold
 * advisory locks and set their session.
 */
export function addPooler(stack: Construct, parts: Cluster): Pooler {
  const scope = new Construct(stack, 'Pooler');
  const { sizes, network, database } = parts;
  const group = addGroup(scope, 'Group', network, 'PgBouncer');
  connect(group, database.group, 5432, 'PgBouncer to PostgreSQL');
  const task = addTask(
    scope,
    parts,
    { cpu: 256, memory: 512 },
    {
      name: 'pgbouncer',
      image: 'pooler',
      environment: {
        DATABASE_HOST: database.host,
        POOL_SIZE: String(sizes.poolSize),
        SERVER_CA_FILE: '/etc/ssl/certs/rds-global-bundle.pem',
      },
      secrets: passwords(parts, 'gate', 'app'),
      healthCheck: ['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${POOLER_PORT}`],
      // By SIGINT, which the image names: it ends when the transactions that run are through, and takes no others.
      stopTimeoutSeconds: 30,
    },
  );
  // Its configuration holds passwords: it is made at the start, on a volume that goes with the task.
  task.addVolume({ name: 'run' });
  const container = task.defaultContainer;
  container?.addMountPoints({ sourceVolume: 'run', containerPath: '/run/pgbouncer', readOnly: false });
  container?.addPortMappings({ containerPort: POOLER_PORT });
  const service = new FargateService(scope, 'Service', {
    cluster: parts.cluster,
    taskDefinition: task,
    vpcSubnets: network.tasks,
    securityGroups: [group],
    desiredCount: sizes.poolers,
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
    cloudMapOptions: {
      cloudMapNamespace: parts.namespace,
      name: 'pgbouncer',
      dnsRecordType: DnsRecordType.A,
      dnsTtl: Duration.seconds(5),
    },
  });
  return { group, host: `pgbouncer.${parts.namespace.namespaceName}`, service };
}
