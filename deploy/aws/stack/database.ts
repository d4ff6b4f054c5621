import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { InstanceType, type SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  DatabaseInsightsMode,
  DatabaseInstance,
  DatabaseInstanceEngine,
  ParameterGroup,
  PostgresEngineVersion,
  StorageType,
} from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Sizes } from '../sizes.ts';
import { acknowledge } from './acknowledge.ts';
import { addGroup, type Network } from './network.ts';

export interface Database {
  readonly instance: DatabaseInstance;
  readonly group: SecurityGroup;
  /** Fields `username` and `password` of the administrator: made, kept and changed each week by RDS. */
  readonly administrator: ISecret;
  readonly host: string;
}

export const databaseName = 'freehold';

/**
 * RDS with a Multi-AZ standby rather than Aurora. Freehold writes: each change is a row, an event and its deliveries, and Aurora bills
 * each write by I/O, or a third more for the instance. RDS is PostgreSQL as the community releases it, with the minors in the same month,
 * and all the difference between a small and a large one is properties of one resource.
 */
export function addDatabase(
  stack: Stack,
  { sizes, key, network }: { sizes: Sizes; key: IKey; network: Network },
): Database {
  const scope = new Construct(stack, 'Database');
  const group = addGroup(
    scope,
    'Group',
    network,
    'PostgreSQL: poolers, worker, migrations, and what listens.',
  );
  // The minor is RDS's current one, at first, and follows by itself in the window of maintenance.
  const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 });
  const id = 'Instance';
  const instance = new DatabaseInstance(scope, id, {
    engine,
    vpc: network.vpc,
    vpcSubnets: network.isolated,
    securityGroups: [group],
    instanceType: new InstanceType(sizes.databaseClass),
    multiAz: sizes.databaseMultiAz,
    allocatedStorage: sizes.databaseStorage,
    maxAllocatedStorage: sizes.databaseStorageMost,
    storageType: StorageType.GP3,
    storageEncrypted: true,
    storageEncryptionKey: key,
    credentials: { username: 'administrator', encryptionKey: key },
    manageMasterUserPassword: true,
    parameterGroup: new ParameterGroup(scope, 'Parameters', { engine, parameters: parameters(sizes) }),
    backupRetention: Duration.days(sizes.pointInTimeDays),
    preferredBackupWindow: '02:00-03:00',
    preferredMaintenanceWindow: 'sun:03:30-sun:04:30',
    copyTagsToSnapshot: true,
    deleteAutomatedBackups: false,
    autoMinorVersionUpgrade: true,
    allowMajorVersionUpgrade: false,
    databaseInsightsMode: DatabaseInsightsMode.STANDARD,
    enablePerformanceInsights: true,
    performanceInsightEncryptionKey: key,
    monitoringInterval: Duration.minutes(1),
    cloudwatchLogsExports: ['postgresql', 'upgrade'],
    deletionProtection: sizes.protectedFromDeletion,
    removalPolicy: RemovalPolicy.SNAPSHOT,
  });
  acknowledge(
    instance,
    'RDS11',
    'The port is no secret: only the security groups of poolers, server, worker and migrations reach it.',
  );
  if (!sizes.databaseMultiAz)
    acknowledge(instance, 'RDS3', 'By its size this environment may be away for the half hour of a restore.');
  if (!sizes.protectedFromDeletion)
    acknowledge(instance, 'RDS10', 'By its size this environment may be deleted; its last snapshot stays.');
  const administrator = instance.secret;
  if (!administrator) throw new Error('RDS keeps the password of the administrator');
  acknowledge(
    scope.node.findChild(id).node.findChild('MonitoringRole'),
    'IAM4',
    'The policy that RDS documents for enhanced monitoring: it writes to the log group RDSOSMetrics alone.',
    'Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole',
  );
  return { instance, group, administrator, host: instance.dbInstanceEndpointAddress };
}

function parameters(sizes: Sizes): Record<string, string> {
  return {
    'rds.force_ssl': '1',
    max_connections: String(sizes.databaseConnections),
    // The logins have shorter ones of their own; this is for people.
    idle_in_transaction_session_timeout: '300000',
    log_lock_waits: '1',
    deadlock_timeout: '1000',
    log_min_duration_statement: '1000',
    log_temp_files: '10240',
    log_autovacuum_min_duration: '10000',
    // Statements carry values of tenants: parameters are not logged with them.
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    shared_preload_libraries: 'pg_stat_statements',
    'pg_stat_statements.track': 'all',
    track_io_timing: '1',
    password_encryption: 'scram-sha-256',
    'rds.accepted_password_auth_method': 'scram',
  };
}
