import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Sizes } from '../sizes.ts';

export function addLogGroup(
  scope: Construct,
  id: string,
  { sizes, key, name }: { sizes: Sizes; key: IKey; name?: string },
): LogGroup {
  return new LogGroup(scope, id, {
    encryptionKey: key,
    retention: sizes.logDays,
    removalPolicy: RemovalPolicy.RETAIN,
    ...(name && { logGroupName: name }),
  });
}
