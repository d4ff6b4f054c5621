import { Duration } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Peer, Port } from 'aws-cdk-lib/aws-ec2';
import {
  AlarmBehavior,
  AlternateTarget,
  DeploymentLifecycleLambdaTarget,
  DeploymentLifecycleStage,
  DeploymentStrategy,
  Secret as EcsSecret,
  FargateService,
  ListenerRuleConfiguration,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { type Balancer, SERVER_PORT } from './balancer.ts';
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
import { appPool, gatePool } from './connections.ts';
import type { Migration } from './migration.ts';
import { addGroup, connect } from './network.ts';
import { POOLER_PORT, type Pooler } from './pooler.ts';

interface ServerParts {
  readonly cluster: Cluster;
  readonly pooler: Pooler;
  readonly migration: Migration;
  readonly balancer: Balancer;
  readonly rollbackAlarms: readonly Alarm[];
}

const METRICS_PORT = 9464;

/** Blue and green: the new version is started beside the old one, migrated for, tested, given the traffic, and watched before the old one goes. */
export function addServer(stack: Construct, parts: ServerParts): FargateService {
  const { cluster, pooler, balancer } = parts;
  const { sizes, network } = cluster;
  const scope = new Construct(stack, 'Server');
  const group = addGroup(scope, 'Group', network, 'Server');
  connect(balancer.group, group, SERVER_PORT, 'Load balancer to server');
  connect(group, pooler.group, POOLER_PORT, 'Server to PgBouncer');
  connect(group, cluster.database.group, 5432, 'What listens for events');
  group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'WorkOS, keys of token issuers, AWS');
  const task = addServerTask(scope, parts);
  const service = new FargateService(scope, 'Service', {
    cluster: cluster.cluster,
    taskDefinition: task,
    vpcSubnets: network.tasks,
    securityGroups: [group],
    // Scaling says how many.
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    healthCheckGracePeriod: Duration.seconds(60),
    deploymentStrategy: DeploymentStrategy.BLUE_GREEN,
    bakeTime: Duration.minutes(sizes.bakeMinutes),
    circuitBreaker: { rollback: true },
    deploymentAlarms: {
      alarmNames: parts.rollbackAlarms.map((alarm) => alarm.alarmName),
      behavior: AlarmBehavior.ROLLBACK_ON_ALARM,
    },
    lifecycleHooks: [
      new DeploymentLifecycleLambdaTarget(parts.migration.expand, 'ExpandHook', {
        role: addHookRole(scope, parts.migration.expand),
        lifecycleStages: [DeploymentLifecycleStage.PRE_SCALE_UP],
      }),
    ],
  });
  const target = service.loadBalancerTarget({
    containerName: 'server',
    containerPort: SERVER_PORT,
    alternateTarget: new AlternateTarget('Alternate', {
      alternateTargetGroup: balancer.green,
      productionListener: ListenerRuleConfiguration.applicationListenerRule(balancer.production),
      testListener: ListenerRuleConfiguration.applicationListenerRule(balancer.test),
    }),
  });
  target.attachToApplicationTargetGroup(balancer.blue);
  service.node.addDependency(pooler.service);
  acknowledge(
    service.node.findChild('AlternateRole'),
    'IAM4',
    'The policy that ECS documents for moving traffic between target groups.',
    'Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers',
  );
  service
    .autoScaleTaskCount({ minCapacity: sizes.serversLeast, maxCapacity: sizes.serversMost })
    .scaleOnCpuUtilization('Cpu', {
      // Node is one thread: at 60 % of the vCPU its queue is still short.
      targetUtilizationPercent: 60,
      scaleInCooldown: Duration.minutes(5),
      scaleOutCooldown: Duration.minutes(1),
    });
  return service;
}

/** ECS, who asks the hook: CDK's own role might ask each version of it. */
function addHookRole(scope: Construct, hook: Lambda): Role {
  return new Role(scope, 'HookRole', {
    assumedBy: new ServicePrincipal('ecs.amazonaws.com'),
    inlinePolicies: {
      ask: new PolicyDocument({
        statements: [
          new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [hook.functionArn] }),
        ],
      }),
    },
  });
}

function addServerTask(scope: Construct, { cluster, pooler }: ServerParts) {
  const { sizes, secrets } = cluster;
  const pooled = (login: 'gate' | 'app'): string =>
    // Encrypted; its certificate is one that it made itself, for an address in these subnets.
    `postgres://freehold_${login}:$${login.toUpperCase()}_PASSWORD@${pooler.host}:${POOLER_PORT}/freehold?sslmode=no-verify`;
  const task = addTask(
    scope,
    cluster,
    { cpu: sizes.serverCpu, memory: sizes.serverMemory },
    {
      name: 'server',
      image: 'product',
      command: withUrls(
        {
          GATE_DATABASE_URL: pooled('gate'),
          APP_DATABASE_URL: pooled('app'),
          LISTEN_DATABASE_URL: directUrl('app'),
        },
        'node server/main.ts',
      ),
      environment: {
        ...commonEnvironment(cluster),
        HOST: '0.0.0.0',
        PORT: String(SERVER_PORT),
        METRICS_PORT: String(METRICS_PORT),
        GATE_POOL_SIZE: String(gatePool),
        APP_POOL_SIZE: String(appPool),
        // The load balancer, which writes X-Forwarded-For.
        TRUST_PROXY: '1',
        // Counted together, however many servers there are.
        RATE_LIMIT_STORE: 'postgres',
      },
      secrets: {
        ...commonSecrets(cluster),
        ...passwords(cluster, 'gate', 'app'),
        WORKOS_WEBHOOK_SECRET: EcsSecret.fromSecretsManager(secrets.workos, 'webhookSecret'),
      },
      // Whether it runs; whether it can serve is the load balancer's question (/readyz).
      healthCheck: [
        'node',
        '-e',
        `fetch('http://127.0.0.1:${SERVER_PORT}/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`,
      ],
      stopTimeoutSeconds: STOP_SECONDS,
    },
  );
  task.defaultContainer?.addPortMappings({ containerPort: SERVER_PORT });
  addCollector(task, cluster, 'server', METRICS_PORT);
  return task;
}
