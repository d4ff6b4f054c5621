import { readFileSync } from 'node:fs';
import { Aws, Fn, type Stack } from 'aws-cdk-lib';
import { CfnRuleGroupsNamespace, CfnWorkspace } from 'aws-cdk-lib/aws-aps';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Inputs } from './inputs.ts';

export interface Monitoring {
  readonly workspace: CfnWorkspace;
  /** Somebody must act tonight; in working hours. */
  readonly topics: Readonly<Record<Severity, Topic>>;
}

export const severities = ['page', 'ticket'] as const;
export type Severity = (typeof severities)[number];

const prometheus = new URL('../../prometheus/', import.meta.url);

/** A Prometheus that AWS runs, with the rules that are tested and rehearsed as they are: deploy/prometheus. */
export function addMonitoring(stack: Stack, { inputs, key }: { inputs: Inputs; key: IKey }): Monitoring {
  const scope = new Construct(stack, 'Monitoring');
  const topic = (id: string, displayName: string): Topic => {
    const made = new Topic(scope, id, { masterKey: key, displayName, enforceSSL: true });
    made.addSubscription(new EmailSubscription(inputs.alertEmail));
    made.addToResourcePolicy(
      new PolicyStatement({
        principals: [
          new ServicePrincipal('aps.amazonaws.com'),
          new ServicePrincipal('cloudwatch.amazonaws.com'),
        ],
        actions: ['sns:Publish'],
        resources: [made.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    return made;
  };
  const topics = {
    page: topic('Pages', 'Freehold: act now'),
    ticket: topic('Tickets', 'Freehold: look at it'),
  };
  const workspace = new CfnWorkspace(scope, 'Prometheus', {
    kmsKeyArn: key.keyArn,
    alertManagerDefinition: Fn.sub(alertManager, {
      Page: topics.page.topicArn,
      Ticket: topics.ticket.topicArn,
    }),
  });
  for (const name of ['slo-rules', 'alerts']) {
    new CfnRuleGroupsNamespace(scope, `Rules-${name}`, {
      workspace: workspace.attrArn,
      name,
      data: readFileSync(new URL(`${name}.yaml`, prometheus), 'utf8'),
    });
  }
  return { workspace, topics };
}

const receiver = (severity: Severity, variable: string) => `
      - name: ${severity}
        sns_configs:
          - topic_arn: \${${variable}}
            sigv4:
              region: \${AWS::Region}
            attributes:
              severity: ${severity}`;

const alertManager = `alertmanager_config: |
  route:
    receiver: ticket
    group_by: [alertname, slo]
    group_wait: 30s
    repeat_interval: 4h
    routes:
      - receiver: page
        matchers: [severity="page"]
  receivers:${(receiver('page', 'Page') + receiver('ticket', 'Ticket')).replaceAll('\n    ', '\n')}
`;
