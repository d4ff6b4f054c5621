import { Duration } from 'aws-cdk-lib';
import { Peer, Port } from 'aws-cdk-lib/aws-ec2';
import { Secret as EcsSecret, FargateService } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import {
  addCollector,
  addTask,
  type Cluster,
  commonEnvironment,
  commonSecrets,
  directUrl,
  passwords,
  STOP_SECONDS,
  withUrls,
} from './cluster.ts';
import { workerPool } from './connections.ts';
import { addGroup, connect } from './network.ts';

const METRICS_PORT = 9465;
/** Where receivers may listen, and mail servers do. */
const outward = [443, 8443, 465, 587];

/** After the server, whose deployment migrates. */
export function addWorker(
  stack: Construct,
  { cluster, server }: { cluster: Cluster; server: FargateService },
): void {
  const { sizes, network, secrets } = cluster;
  const scope = new Construct(stack, 'Worker');
  const group = addGroup(scope, 'Group', network, 'Worker');
  connect(group, cluster.database.group, 5432, 'Worker to PostgreSQL');
  for (const port of outward)
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(port), 'Receivers, mail, WorkOS, AWS');
  const task = addTask(
    scope,
    cluster,
    { cpu: sizes.workerCpu, memory: sizes.workerMemory },
    {
      name: 'worker',
      image: 'product',
      command: withUrls({ WORKER_DATABASE_URL: directUrl('worker') }, 'node worker/main.ts'),
      environment: {
        ...commonEnvironment(cluster),
        METRICS_PORT: String(METRICS_PORT),
        WORKER_CONCURRENCY: String(sizes.workerConcurrency),
        WORKER_POOL_SIZE: String(workerPool(sizes)),
        WEBHOOK_ALLOWED_PORTS: '443,8443',
        MAIL_FROM: cluster.inputs.mailFrom,
      },
      secrets: {
        ...commonSecrets(cluster),
        ...passwords(cluster, 'worker'),
        SMTP_URL: EcsSecret.fromSecretsManager(secrets.mail, 'url'),
      },
      stopTimeoutSeconds: STOP_SECONDS,
    },
  );
  addCollector(task, cluster, 'worker', METRICS_PORT);
  const service = new FargateService(scope, 'Service', {
    cluster: cluster.cluster,
    taskDefinition: task,
    vpcSubnets: network.tasks,
    securityGroups: [group],
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
  });
  service.node.addDependency(server);
  service
    .autoScaleTaskCount({ minCapacity: sizes.workersLeast, maxCapacity: sizes.workersMost })
    .scaleOnCpuUtilization('Cpu', {
      targetUtilizationPercent: 60,
      scaleInCooldown: Duration.minutes(5),
      scaleOutCooldown: Duration.minutes(1),
    });
}
