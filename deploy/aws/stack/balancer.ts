import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Peer, Port, type SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListenerRule,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  DesyncMitigationMode,
  ListenerAction,
  ListenerCertificate,
  ListenerCondition,
  SslPolicy,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Cluster } from './cluster.ts';
import { addGroup } from './network.ts';

export interface Balancer {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly group: SecurityGroup;
  readonly blue: ApplicationTargetGroup;
  readonly green: ApplicationTargetGroup;
  /** ECS moves their weights. */
  readonly production: ApplicationListenerRule;
  readonly test: ApplicationListenerRule;
}

export const SERVER_PORT = 5678;
/** Less than the 65 s for which the server keeps a connection (server/lifecycle.ts): it is never the server that closes first. */
export const IDLE_SECONDS = 60;
/** A request may take 30 s to arrive, and as long to be answered. Only then is the task told to stop. */
export const DEREGISTRATION_SECONDS = 60;

export function addBalancer(stack: Construct, parts: Cluster): Balancer {
  const scope = new Construct(stack, 'Balancer');
  const { vpc } = parts.network;
  const group = addGroup(scope, 'Group', parts.network, 'Load balancer');
  group.addIngressRule(Peer.anyIpv4(), Port.tcp(443), 'Everybody');
  group.addIngressRule(Peer.anyIpv4(), Port.tcp(80), 'Everybody, to be sent to 443');
  group.addIngressRule(
    Peer.ipv4(vpc.vpcCidrBlock),
    Port.tcp(8443),
    'Tests of a version that has no traffic yet',
  );
  acknowledge(group, 'EC23', 'It is what the Internet talks to; everything behind it is closed.');
  const loadBalancer = new ApplicationLoadBalancer(scope, 'LoadBalancer', {
    vpc,
    internetFacing: true,
    securityGroup: group,
    idleTimeout: Duration.seconds(IDLE_SECONDS),
    deletionProtection: parts.sizes.protectedFromDeletion,
    dropInvalidHeaderFields: true,
    desyncMitigationMode: DesyncMitigationMode.STRICTEST,
  });
  logAccess(scope, loadBalancer, parts.sizes.logDays);
  const targets = (id: string): ApplicationTargetGroup =>
    new ApplicationTargetGroup(scope, id, {
      vpc,
      port: SERVER_PORT,
      protocol: ApplicationProtocol.HTTP,
      targetType: TargetType.IP,
      deregistrationDelay: Duration.seconds(DEREGISTRATION_SECONDS),
      healthCheck: {
        path: '/readyz',
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
    });
  const blue = targets('Blue');
  const green = targets('Green');
  const listen = (id: string, port: number): ApplicationListenerRule => {
    const listener = loadBalancer.addListener(id, {
      port,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [ListenerCertificate.fromArn(parts.inputs.certificateArn)],
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
      open: false,
      // Reached by no request: the rule takes all.
      defaultAction: ListenerAction.fixedResponse(503),
    });
    return new ApplicationListenerRule(scope, `${id}Rule`, {
      listener,
      priority: 1,
      conditions: [ListenerCondition.pathPatterns(['/*'])],
      action: ListenerAction.weightedForward([
        { targetGroup: blue, weight: 100 },
        { targetGroup: green, weight: 0 },
      ]),
    });
  };
  const production = listen('Production', 443);
  const test = listen('Test', 8443);
  loadBalancer.addListener('Plain', {
    port: 80,
    open: false,
    defaultAction: ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
  });
  return { loadBalancer, group, blue, green, production, test };
}

function logAccess(scope: Construct, loadBalancer: ApplicationLoadBalancer, days: number): void {
  const bucket = new Bucket(scope, 'AccessLogs', {
    // Load balancers write with S3's own key and no other.
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [{ expiration: Duration.days(days) }],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  acknowledge(bucket, 'S1', 'It holds access logs itself.');
  bucket.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects('AWSLogs/*')],
    }),
  );
  loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
  loadBalancer.setAttribute('access_logs.s3.bucket', bucket.bucketName);
  const policy = bucket.policy;
  // Who is told to write there before it may is refused.
  if (policy) loadBalancer.node.addDependency(policy);
}
