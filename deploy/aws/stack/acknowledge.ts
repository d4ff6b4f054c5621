import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Says why a rule of cdk-nag does not hold for one resource.
 * @param finding what exactly of a rule with several findings, such as `Resource::*`
 */
export function acknowledge(construct: IConstruct, rule: string, reason: string, finding?: string): void {
  const id = `AwsSolutions-${rule}`;
  Validations.of(construct).acknowledge({ id: finding ? `${id}[${finding}]` : id, reason });
}
