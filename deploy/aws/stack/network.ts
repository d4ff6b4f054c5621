import { CfnOutput, Fn, type Stack } from 'aws-cdk-lib';
import {
  CfnEIP,
  CfnNatGateway,
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  Port,
  PrivateSubnet,
  RouterType,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Sizes } from '../sizes.ts';
import { addLogGroup } from './logs.ts';

export interface Network {
  readonly vpc: Vpc;
  /** Out to the world by the NAT gateway, and in from nowhere. */
  readonly tasks: { readonly subnetGroupName: string };
  /** Neither. */
  readonly isolated: { readonly subnetGroupName: string };
}

/** Lets `from` reach `to` at a port, and says so on both sides: groups are closed in both directions. */
export function connect(from: SecurityGroup, to: SecurityGroup, port: number, why: string): void {
  to.addIngressRule(from, Port.tcp(port), why);
  from.addEgressRule(to, Port.tcp(port), why);
}

export function addNetwork(stack: Stack, sizes: Sizes, key: IKey): Network {
  const scope = new Construct(stack, 'Network');
  const vpc = new Vpc(scope, 'Vpc', {
    ipAddresses: IpAddresses.cidr('10.40.0.0/16'),
    maxAzs: 3,
    natGateways: 0,
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: 'Public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
      // Their way out is added below; PRIVATE_WITH_EGRESS would make a zonal gateway for each.
      { name: 'Tasks', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 22 },
      { name: 'Database', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
    ],
    flowLogs: {
      Flow: {
        destination: FlowLogDestination.toCloudWatchLogs(addLogGroup(scope, 'FlowLogs', { sizes, key })),
        trafficType: FlowLogTrafficType.ALL,
      },
    },
    // Layers of images come by S3: without, each start of a task would be paid by the GB at the NAT gateway.
    gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
  });
  addEgress(scope, vpc, sizes);
  return { vpc, tasks: { subnetGroupName: 'Tasks' }, isolated: { subnetGroupName: 'Database' } };
}

/**
 * One regional NAT gateway. Webhooks, WorkOS and mail go to the Internet in any case, so there is one whatever the size, and endpoints for
 * AWS's own services (about 7 $ a month each and zone) would be paid on top of it. Its addresses are fixed: receivers of webhooks put
 * them on their lists.
 */
function addEgress(scope: Construct, vpc: Vpc, sizes: Sizes): void {
  const addresses = [0, 1, 2].map((index) => new CfnEIP(scope, `Address${index + 1}`, { domain: 'vpc' }));
  const gateway = new CfnNatGateway(scope, 'Nat', {
    availabilityMode: 'regional',
    connectivityType: 'public',
    vpcId: vpc.vpcId,
    availabilityZoneAddresses: addresses.slice(0, sizes.natZones).map((address, index) => ({
      availabilityZone: Fn.select(index, Fn.getAzs()),
      allocationIds: [address.attrAllocationId],
    })),
  });
  gateway.node.addDependency(vpc.internetConnectivityEstablished);
  for (const subnet of vpc.selectSubnets({ subnetGroupName: 'Tasks' }).subnets) {
    if (!(subnet instanceof PrivateSubnet)) throw new Error(`${subnet.node.path} is no subnet of this stack`);
    subnet.addRoute('Egress', {
      routerType: RouterType.NAT_GATEWAY,
      routerId: gateway.ref,
      enablesInternetConnectivity: true,
    });
  }
  new CfnOutput(scope, 'WebhookAddresses', {
    value: Fn.join(
      ', ',
      addresses.map((address) => address.ref),
    ),
    description: 'From where webhooks and mails come.',
  });
}

export function addGroup(scope: Construct, id: string, network: Network, description: string): SecurityGroup {
  return new SecurityGroup(scope, id, { vpc: network.vpc, description, allowAllOutbound: false });
}
