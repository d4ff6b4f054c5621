/*
 * What an environment has of everything. dev, staging and production are the same stack (stack/stack.ts) and differ in these values
 * alone: test/identity.test.ts holds the templates against `places`.
 */
export interface Sizes {
  /** Zones in which the NAT gateway is active, 1 to 3: each is paid by the hour. */
  readonly natZones: 1 | 2 | 3;

  /** RDS instance class, without `db.`: burstable for what sleeps, memory-optimised for what does not. */
  readonly databaseClass: string;
  /** A standby in another zone that takes over by itself; failover takes about a minute. */
  readonly databaseMultiAz: boolean;
  /** GB of gp3. 400 and more is striped: 12,000 IOPS instead of 3,000. */
  readonly databaseStorage: number;
  /** GB to which storage grows by itself. */
  readonly databaseStorageMost: number;
  /** max_connections: what stack/connections.ts adds up must fit into it. */
  readonly databaseConnections: number;
  /** Days to any second of which the database can be restored, 1 to 35. */
  readonly pointInTimeDays: number;

  /** Tasks of PgBouncer, and the connections to PostgreSQL that each may open for a login. */
  readonly poolers: number;
  readonly poolSize: number;

  /** Units of a vCPU (1024), and MB. The collector beside it has 256 MB of them. */
  readonly serverCpu: 256 | 512 | 1024 | 2048;
  readonly serverMemory: number;
  readonly serversLeast: number;
  readonly serversMost: number;

  readonly workerCpu: 256 | 512 | 1024 | 2048;
  readonly workerMemory: number;
  readonly workersLeast: number;
  readonly workersMost: number;
  readonly workerConcurrency: number;

  /** How long the old version stays beside the new one, which has all the traffic, ready to take it back. */
  readonly bakeMinutes: number;
  /** Requests of one address in five minutes, at most. */
  readonly requestsPerAddress: number;

  readonly logDays: 30 | 90 | 365;
  /** Days that a daily backup is kept in the locked vault, and months that a monthly one is. */
  readonly backupDays: number;
  readonly backupMonths: number;
  /** Where a second copy of each backup goes; absent: nowhere. */
  readonly backupCopyRegion?: string;
  /** Database and load balancer cannot be deleted before this is taken back. */
  readonly protectedFromDeletion: boolean;
}

export const environments = ['dev', 'staging', 'production'] as const;
export type Environment = (typeof environments)[number];

/** Where Freehold is tried by those who build it: one of each, and nothing that waits for a failure. */
const dev: Sizes = {
  natZones: 1,
  databaseClass: 't4g.small',
  databaseMultiAz: false,
  databaseStorage: 20,
  databaseStorageMost: 100,
  databaseConnections: 100,
  pointInTimeDays: 7,
  poolers: 1,
  poolSize: 10,
  serverCpu: 256,
  serverMemory: 1024,
  serversLeast: 1,
  serversMost: 2,
  workerCpu: 256,
  workerMemory: 1024,
  workersLeast: 1,
  workersMost: 1,
  workerConcurrency: 10,
  bakeMinutes: 1,
  requestsPerAddress: 2_000,
  logDays: 30,
  backupDays: 7,
  backupMonths: 1,
  protectedFromDeletion: false,
};

/** Production in small: what fails over there fails over here, so that it can be tried. */
const staging: Sizes = {
  ...dev,
  databaseClass: 't4g.medium',
  databaseMultiAz: true,
  databaseStorage: 100,
  databaseStorageMost: 500,
  databaseConnections: 200,
  poolers: 2,
  serverCpu: 512,
  serversLeast: 2,
  serversMost: 4,
  workersLeast: 2,
  workersMost: 2,
  bakeMinutes: 5,
  logDays: 30,
  protectedFromDeletion: true,
};

const production: Sizes = {
  natZones: 3,
  databaseClass: 'r7g.large',
  databaseMultiAz: true,
  databaseStorage: 400,
  databaseStorageMost: 2_000,
  databaseConnections: 1_000,
  pointInTimeDays: 35,
  poolers: 3,
  poolSize: 30,
  serverCpu: 1024,
  serverMemory: 2048,
  serversLeast: 3,
  serversMost: 20,
  workerCpu: 1024,
  workerMemory: 2048,
  workersLeast: 2,
  workersMost: 6,
  workerConcurrency: 20,
  bakeMinutes: 15,
  requestsPerAddress: 10_000,
  logDays: 365,
  backupDays: 35,
  backupMonths: 12,
  backupCopyRegion: 'eu-west-1',
  protectedFromDeletion: true,
};

export const sizes: Readonly<Record<Environment, Sizes>> = { dev, staging, production };

/** The properties of the template in which each value stands, as `type of resource / path`; a `*` is any one step of it. */
export const places: Readonly<Record<keyof Sizes, readonly string[]>> = {
  natZones: ['AWS::EC2::NatGateway/AvailabilityZoneAddresses'],
  databaseClass: ['AWS::RDS::DBInstance/DBInstanceClass'],
  databaseMultiAz: ['AWS::RDS::DBInstance/MultiAZ'],
  databaseStorage: ['AWS::RDS::DBInstance/AllocatedStorage', 'AWS::CloudWatch::Alarm/Threshold'],
  databaseStorageMost: ['AWS::RDS::DBInstance/MaxAllocatedStorage'],
  databaseConnections: [
    'AWS::RDS::DBParameterGroup/Parameters/max_connections',
    'AWS::CloudWatch::Alarm/Threshold',
  ],
  pointInTimeDays: ['AWS::RDS::DBInstance/BackupRetentionPeriod'],
  poolers: ['AWS::ECS::Service/DesiredCount'],
  poolSize: ['AWS::ECS::TaskDefinition/ContainerDefinitions/*/Environment/*/Value'],
  serverCpu: ['AWS::ECS::TaskDefinition/Cpu'],
  serverMemory: ['AWS::ECS::TaskDefinition/Memory'],
  serversLeast: ['AWS::ApplicationAutoScaling::ScalableTarget/MinCapacity'],
  serversMost: ['AWS::ApplicationAutoScaling::ScalableTarget/MaxCapacity'],
  workerCpu: ['AWS::ECS::TaskDefinition/Cpu'],
  workerMemory: ['AWS::ECS::TaskDefinition/Memory'],
  workersLeast: ['AWS::ApplicationAutoScaling::ScalableTarget/MinCapacity'],
  workersMost: ['AWS::ApplicationAutoScaling::ScalableTarget/MaxCapacity'],
  workerConcurrency: ['AWS::ECS::TaskDefinition/ContainerDefinitions/*/Environment/*/Value'],
  bakeMinutes: ['AWS::ECS::Service/DeploymentConfiguration/BakeTimeInMinutes'],
  requestsPerAddress: ['AWS::WAFv2::WebACL/Rules/*/Statement/RateBasedStatement/Limit'],
  logDays: [
    'AWS::Logs::LogGroup/RetentionInDays',
    'AWS::S3::Bucket/LifecycleConfiguration/Rules/*/ExpirationInDays',
  ],
  backupDays: [
    'AWS::Backup::BackupPlan/BackupPlan/BackupPlanRule/*/Lifecycle/DeleteAfterDays',
    'AWS::Backup::BackupPlan/BackupPlan/BackupPlanRule/*/CopyActions',
    'AWS::Backup::BackupVault/LockConfiguration/MinRetentionDays',
  ],
  backupMonths: [
    'AWS::Backup::BackupPlan/BackupPlan/BackupPlanRule/*/Lifecycle/DeleteAfterDays',
    'AWS::Backup::BackupPlan/BackupPlan/BackupPlanRule/*/CopyActions',
  ],
  backupCopyRegion: ['AWS::Backup::BackupPlan/BackupPlan/BackupPlanRule/*/CopyActions'],
  protectedFromDeletion: [
    'AWS::RDS::DBInstance/DeletionProtection',
    'AWS::ElasticLoadBalancingV2::LoadBalancer/LoadBalancerAttributes/*/Value',
  ],
};
