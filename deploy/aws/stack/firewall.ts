import { Aws } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { Sizes } from '../sizes.ts';
import type { Balancer } from './balancer.ts';
import { addLogGroup } from './logs.ts';

/**
 * Rules that read the body count and do not block. A GraphQL document or a webhook of WorkOS is often larger than 8 KB, which
 * SizeRestrictions_BODY refuses; and text of people and the syntax of GraphQL look like scripts and paths to the others. The product has
 * limits of its own for bodies, and no SQL or HTML is made of them.
 */
export const counted: Readonly<Record<string, readonly string[]>> = {
  AWSManagedRulesCommonRuleSet: [
    'SizeRestrictions_BODY',
    'CrossSiteScripting_BODY',
    'GenericLFI_BODY',
    'GenericRFI_BODY',
    'EC2MetaDataSSRF_BODY',
    // Clients of an API are programs, some without a name.
    'NoUserAgent_HEADER',
  ],
  AWSManagedRulesKnownBadInputsRuleSet: [],
  AWSManagedRulesAmazonIpReputationList: [],
};

export function addFirewall(
  stack: Construct,
  { sizes, key, balancer }: { sizes: Sizes; key: IKey; balancer: Balancer },
): void {
  const scope = new Construct(stack, 'Firewall');
  const visibility = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
    metricName,
    cloudWatchMetricsEnabled: true,
    sampledRequestsEnabled: true,
  });
  const acl = new CfnWebACL(scope, 'Acl', {
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    visibilityConfig: visibility('firewall'),
    rules: [
      {
        name: 'requests-per-address',
        priority: 0,
        action: { block: { customResponse: { responseCode: 429 } } },
        statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit: sizes.requestsPerAddress } },
        visibilityConfig: visibility('requests-per-address'),
      },
      ...Object.entries(counted).map(([name, rules], index) => ({
        name,
        priority: index + 1,
        overrideAction: { none: {} },
        statement: {
          managedRuleGroupStatement: {
            vendorName: 'AWS',
            name,
            ruleActionOverrides: rules.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
          },
        },
        visibilityConfig: visibility(name),
      })),
    ],
  });
  new CfnWebACLAssociation(scope, 'Association', {
    webAclArn: acl.attrArn,
    resourceArn: balancer.loadBalancer.loadBalancerArn,
  });
  // WAF writes to log groups with this beginning, and to no others.
  const logs = addLogGroup(scope, 'Logs', { sizes, key, name: `aws-waf-logs-${Aws.STACK_NAME}` });
  new CfnLoggingConfiguration(scope, 'Logging', {
    resourceArn: acl.attrArn,
    logDestinationConfigs: [logs.logGroupArn],
    // Session cookies and keys are not for the log.
    redactedFields: ['cookie', 'authorization'].map((Name) => ({ singleHeader: { Name } })),
    loggingFilter: {
      DefaultBehavior: 'DROP',
      Filters: [
        {
          Behavior: 'KEEP',
          Requirement: 'MEETS_ANY',
          Conditions: ['BLOCK', 'COUNT'].map((Action) => ({ ActionCondition: { Action } })),
        },
      ],
    },
  });
}
