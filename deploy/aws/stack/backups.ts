import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup';
import { Schedule } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Sizes } from '../sizes.ts';
import { acknowledge } from './acknowledge.ts';
import type { Database } from './database.ts';

/** The vault of the other region, made there once (docs/deployment.md). */
const COPIES = 'freehold-copies';

/**
 * RDS itself keeps what restores any second of the last days. These are for what a second's precision does not help against: a mistake
 * found late, an account whose administrator is not one's own any more, a region that is gone. The lock is in governance mode: who is
 * allowed to may take it back, which a compliance lock allows nobody, ever.
 */
export function addBackups(
  stack: Construct,
  { sizes, key, database }: { sizes: Sizes; key: IKey; database: Database },
): void {
  const scope = new Construct(stack, 'Backups');
  const vault = new BackupVault(scope, 'Vault', {
    encryptionKey: key,
    lockConfiguration: { minRetention: Duration.days(sizes.backupDays) },
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const region = sizes.backupCopyRegion;
  const copies = region
    ? BackupVault.fromBackupVaultArn(
        scope,
        'Copies',
        `arn:${Aws.PARTITION}:backup:${region}:${Aws.ACCOUNT_ID}:backup-vault:${COPIES}`,
      )
    : undefined;
  const rule = (ruleName: string, deleteAfter: Duration, scheduleExpression: Schedule): BackupPlanRule =>
    new BackupPlanRule({
      ruleName,
      deleteAfter,
      scheduleExpression,
      startWindow: Duration.hours(1),
      completionWindow: Duration.hours(6),
      ...(copies && { copyActions: [{ destinationBackupVault: copies, deleteAfter }] }),
    });
  const plan = new BackupPlan(scope, 'Plan', {
    backupVault: vault,
    backupPlanRules: [
      rule('daily', Duration.days(sizes.backupDays), Schedule.cron({ hour: '5', minute: '0' })),
      rule(
        'monthly',
        Duration.days(31 * sizes.backupMonths),
        Schedule.cron({ day: '1', hour: '7', minute: '0' }),
      ),
    ],
  });
  const selection = plan.addSelection('Database', {
    resources: [BackupResource.fromRdsDatabaseInstance(database.instance)],
    allowRestores: false,
  });
  acknowledge(
    selection.node.findChild('Role'),
    'IAM4',
    'The policy that AWS Backup documents for its own role; restores are made by people, with another.',
    'Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup',
  );
}
