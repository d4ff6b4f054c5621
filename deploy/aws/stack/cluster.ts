import { Aws, Duration, type Stack } from 'aws-cdk-lib';
import { type IRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import {
  type ContainerDefinition,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  Cluster as EcsCluster,
  Secret as EcsSecret,
  FargateTaskDefinition,
  LinuxParameters,
  LogDriver,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import type { Sizes } from '../sizes.ts';
import { acknowledge } from './acknowledge.ts';
import { COLLECTOR_MEMORY, collectorConfig } from './collector.ts';
import type { Database } from './database.ts';
import type { Image, Inputs } from './inputs.ts';
import { addLogGroup } from './logs.ts';
import type { Monitoring } from './monitoring.ts';
import type { Network } from './network.ts';
import type { Login, Secrets } from './secrets.ts';

interface Parts {
  readonly sizes: Sizes;
  readonly inputs: Inputs;
  readonly key: IKey;
  readonly network: Network;
  readonly secrets: Secrets;
  readonly database: Database;
  readonly monitoring: Monitoring;
}

export interface Cluster extends Parts {
  readonly cluster: EcsCluster;
  readonly namespace: PrivateDnsNamespace;
  readonly logs: LogGroup;
  readonly repositories: Readonly<Record<Image, IRepository>>;
}

export function addCluster(stack: Stack, parts: Parts): Cluster {
  const scope = new Construct(stack, 'Cluster');
  const { vpc } = parts.network;
  return {
    ...parts,
    cluster: new EcsCluster(scope, 'Cluster', {
      vpc,
      containerInsightsV2: ContainerInsights.ENHANCED,
      enableFargateCapacityProviders: true,
    }),
    namespace: new PrivateDnsNamespace(scope, 'Namespace', { vpc, name: 'freehold.internal' }),
    logs: addLogGroup(scope, 'Logs', parts),
    repositories: {
      product: Repository.fromRepositoryName(scope, 'Product', parts.inputs.repositories.product),
      pooler: Repository.fromRepositoryName(scope, 'Pooler', parts.inputs.repositories.pooler),
      collector: Repository.fromRepositoryName(scope, 'Collector', parts.inputs.repositories.collector),
    },
  };
}

export interface ContainerOptions {
  readonly name: string;
  readonly image: Image;
  readonly command?: string[];
  readonly environment?: Record<string, string>;
  readonly secrets?: Record<string, EcsSecret>;
  readonly healthCheck?: string[];
  readonly memory?: number;
  readonly essential?: boolean;
  readonly stopTimeoutSeconds?: number;
}

/** A task with its first container. */
export function addTask(
  scope: Construct,
  parts: Cluster,
  { cpu, memory }: { cpu: number; memory: number },
  container: ContainerOptions,
): FargateTaskDefinition {
  const task = new FargateTaskDefinition(scope, 'Task', {
    cpu,
    memoryLimitMiB: memory,
    runtimePlatform: {
      // A fifth cheaper, and the images are made for both.
      cpuArchitecture: CpuArchitecture.ARM64,
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
  });
  acknowledge(
    task,
    'ECS2',
    'What is secret comes from Secrets Manager, by `secrets`; hosts, ports and sizes in `environment` are none.',
  );
  addContainer(task, parts, container);
  const policy = task.obtainExecutionRole().node.findChild('DefaultPolicy');
  acknowledge(
    policy,
    'IAM5',
    'ecr:GetAuthorizationToken is of no resource: AWS has it so. What may be pulled with it is named.',
    'Resource::*',
  );
  return task;
}

/** Nothing in it is root (the image says who it is), and nothing can write to its own files. */
export function addContainer(
  task: FargateTaskDefinition,
  parts: Cluster,
  options: ContainerOptions,
): ContainerDefinition {
  const { name, image, healthCheck, stopTimeoutSeconds = 30, memory, ...rest } = options;
  const repository = parts.repositories[image];
  repository.grantPull(task.obtainExecutionRole());
  return task.addContainer(name, {
    containerName: name,
    image: ContainerImage.fromRegistry(repository.repositoryUriForDigest(parts.inputs.digests[image])),
    logging: LogDriver.awsLogs({ logGroup: parts.logs, streamPrefix: name }),
    readonlyRootFilesystem: true,
    linuxParameters: new LinuxParameters(task, `Linux-${name}`, { initProcessEnabled: true }),
    stopTimeout: Duration.seconds(stopTimeoutSeconds),
    ...(memory && { memoryLimitMiB: memory }),
    ...(healthCheck && {
      healthCheck: {
        command: ['CMD', ...healthCheck],
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        retries: 3,
        startPeriod: Duration.seconds(60),
      },
    }),
    ...rest,
  });
}

/** Beside a server or worker: if it dies the task goes on, unseen but serving. */
export function addCollector(
  task: FargateTaskDefinition,
  parts: Cluster,
  job: 'server' | 'worker',
  metricsPort: number,
): void {
  const { workspace } = parts.monitoring;
  addContainer(task, parts, {
    name: 'collector',
    image: 'collector',
    command: ['--config=env:COLLECTOR_CONFIG'],
    environment: {
      COLLECTOR_CONFIG: collectorConfig({
        job,
        metricsPort,
        region: Aws.REGION,
        remoteWrite: `${workspace.attrPrometheusEndpoint}api/v1/remote_write`,
      }),
    },
    memory: COLLECTOR_MEMORY,
    essential: false,
  });
  task.addToTaskRolePolicy(
    new PolicyStatement({ actions: ['aps:RemoteWrite'], resources: [workspace.attrArn] }),
  );
  task.addToTaskRolePolicy(
    new PolicyStatement({ actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] }),
  );
  acknowledge(
    task.taskRole.node.findChild('DefaultPolicy'),
    'IAM5',
    'X-Ray knows no resources to which segments are put.',
    'Resource::*',
  );
}

/** Runs `program` with each `name` set to what the shell makes of its value: URLs are put together from host and password. */
export function withUrls(urls: Record<string, string>, program: string): string[] {
  const exports = Object.entries(urls).map(([name, url]) => `export ${name}="${url}"`);
  return ['sh', '-ec', [...exports, `exec ${program}`].join('\n')];
}

/** Straight to PostgreSQL, whose certificate is verified. */
export const directUrl = (login: Login): string =>
  `postgres://freehold_${login}:$${login.toUpperCase()}_PASSWORD@$DATABASE_HOST:5432/freehold?sslmode=verify-full`;

export const passwords = (parts: Cluster, ...logins: Login[]): Record<string, EcsSecret> =>
  Object.fromEntries(
    logins.map((login) => [
      `${login.toUpperCase()}_PASSWORD`,
      EcsSecret.fromSecretsManager(parts.secrets.logins[login], 'password'),
    ]),
  );

/** What server and worker have in common. */
export const commonEnvironment = (parts: Cluster): Record<string, string> => ({
  NODE_ENV: 'production',
  LOG_FORMAT: 'json',
  FREEHOLD_VERSION: parts.inputs.version,
  DATABASE_HOST: parts.database.host,
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
  PUBLIC_URL: `https://${parts.inputs.domainName}`,
  WORKOS_CLIENT_ID: parts.inputs.workosClientId,
  SHUTDOWN_GRACE_MS: String(SHUTDOWN_GRACE_SECONDS * 1000),
});

export const commonSecrets = (parts: Cluster): Record<string, EcsSecret> => ({
  FREEHOLD_SECRET_KEY: EcsSecret.fromSecretsManager(parts.secrets.sealing, 'current'),
  FREEHOLD_FORMER_SECRET_KEYS: EcsSecret.fromSecretsManager(parts.secrets.sealing, 'former'),
  WORKOS_API_KEY: EcsSecret.fromSecretsManager(parts.secrets.workos, 'apiKey'),
});

/** The product ends by itself within this, telemetry included within 10 s more; then it is killed. */
export const SHUTDOWN_GRACE_SECONDS = 25;
export const STOP_SECONDS = SHUTDOWN_GRACE_SECONDS + 10;
