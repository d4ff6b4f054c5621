import { CfnOutput, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Sizes } from '../sizes.ts';
import { addAlarms } from './alarms.ts';
import { addBackups } from './backups.ts';
import { addBalancer } from './balancer.ts';
import { addCluster } from './cluster.ts';
import { addDatabase } from './database.ts';
import { addFirewall } from './firewall.ts';
import { addInputs } from './inputs.ts';
import { addKey } from './key.ts';
import { addMigration } from './migration.ts';
import { addMonitoring } from './monitoring.ts';
import { addNetwork } from './network.ts';
import { addPooler } from './pooler.ts';
import { addSecrets } from './secrets.ts';
import { addServer } from './server.ts';
import { addWorker } from './worker.ts';

/** All of one environment. Nothing in it knows which one it is: sizes and parameters are all that differs. */
export class FreeholdStack extends Stack {
  constructor(scope: Construct, id: string, sizes: Sizes, props: StackProps = {}) {
    super(scope, id, {
      ...props,
      description: 'Freehold: server, worker, PostgreSQL and what is around them.',
    });
    const inputs = addInputs(this);
    const key = addKey(this);
    const network = addNetwork(this, sizes, key);
    const secrets = addSecrets(this, key);
    const database = addDatabase(this, { sizes, key, network });
    const monitoring = addMonitoring(this, { inputs, key });
    const cluster = addCluster(this, { sizes, inputs, key, network, secrets, database, monitoring });
    const pooler = addPooler(this, cluster);
    const migration = addMigration(this, cluster);
    const balancer = addBalancer(this, cluster);
    addFirewall(this, { sizes, key, balancer });
    const alarms = addAlarms(this, { sizes, database, balancer, monitoring });
    const server = addServer(this, { cluster, pooler, migration, balancer, rollbackAlarms: alarms.rollback });
    addWorker(this, { cluster, server });
    addBackups(this, { sizes, key, database });
    new CfnOutput(this, 'BalancerName', {
      value: balancer.loadBalancer.loadBalancerDnsName,
      description: 'What the CNAME or alias of DomainName points at.',
    });
  }

  /** Three of whichever region it is deployed to: CDK would ask AWS, or else take two. */
  override get availabilityZones(): string[] {
    return [0, 1, 2].map((index) => Fn.select(index, Fn.getAzs()));
  }
}
