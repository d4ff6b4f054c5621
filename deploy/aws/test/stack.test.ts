import { readFileSync } from 'node:fs';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { environments, sizes } from '../sizes.ts';
import { DEREGISTRATION_SECONDS, IDLE_SECONDS } from '../stack/balancer.ts';
import { SHUTDOWN_GRACE_SECONDS, STOP_SECONDS } from '../stack/cluster.ts';
import { connectionsNeeded } from '../stack/connections.ts';
import { resourcesOf, templates } from './templates.ts';

const template = templates.production;
const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

interface Container {
  Name: string;
  Command?: string[];
  ReadonlyRootFilesystem?: boolean;
  Environment?: { Name: string; Value: unknown }[];
  Secrets?: { Name: string }[];
  StopTimeout?: number;
}
const tasks = Object.entries(resourcesOf('production')).filter(
  ([, { Type }]) => Type === 'AWS::ECS::TaskDefinition',
);
const containers = tasks.flatMap(([, { Properties }]) => Properties?.ContainerDefinitions as Container[]);
const container = (name: string): Container => {
  const found = containers.find(({ Name }) => Name === name);
  if (!found) throw new Error(`there is no container ${name}`);
  return found;
};

it('is held against cdk-nag, which refuses what is open', () => {
  const app = new App({ analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  new Bucket(new Stack(app, 'open'), 'Bucket');
  expect(() => app.synth()).toThrow(/AwsSolutions-S1\b/);
});

describe('the database', () => {
  it('is PostgreSQL 18 with a standby, encrypted, restorable to the second, and its administrator is changed by RDS', () => {
    template.hasResource('AWS::RDS::DBInstance', {
      Properties: {
        Engine: 'postgres',
        EngineVersion: '18',
        MultiAZ: true,
        StorageEncrypted: true,
        PubliclyAccessible: false,
        BackupRetentionPeriod: sizes.production.pointInTimeDays,
        ManageMasterUserPassword: true,
      },
      DeletionPolicy: 'Snapshot',
    });
    template.hasResourceProperties('AWS::RDS::DBParameterGroup', {
      Family: 'postgres18',
      Parameters: Match.objectLike({
        'rds.force_ssl': '1',
        log_lock_waits: '1',
        shared_preload_libraries: 'pg_stat_statements',
      }),
    });
  });

  it.each(environments)('of %s has connections for everybody at once, and a tenth more', (name) => {
    const needed = Object.values(connectionsNeeded(sizes[name])).reduce((sum, count) => sum + count, 0);
    expect(needed * 1.1).toBeLessThanOrEqual(sizes[name].databaseConnections);
  });

  it('is reached by poolers, server, worker and migrations, and by no address', () => {
    const database = Object.entries(resourcesOf('production')).find(
      ([id, { Type }]) => Type === 'AWS::EC2::SecurityGroup' && id.startsWith('DatabaseGroup'),
    );
    expect(database?.[1].Properties).not.toHaveProperty('SecurityGroupIngress');
    const into = Object.keys(resourcesOf('production')).filter((id) => id.startsWith('DatabaseGroupfrom'));
    expect(into.map((id) => /^DatabaseGroupfromfreehold([A-Z][a-z]+)Group/.exec(id)?.[1]).sort()).toEqual([
      'Migration',
      'Pooler',
      'Server',
      'Worker',
    ]);
  });
});

describe('tasks', () => {
  it('write to none of their files', () => {
    expect(containers.length).toBe(7);
    expect(containers.filter((one) => !one.ReadonlyRootFilesystem)).toEqual([]);
  });

  it('are given the secrets of their own logins, and none as plain text', () => {
    const given = (name: string) =>
      container(name)
        .Secrets?.map(({ Name }) => Name)
        .filter((one) => /PASSWORD/.test(one));
    expect(given('server')).toEqual(['GATE_PASSWORD', 'APP_PASSWORD']);
    expect(given('worker')).toEqual(['WORKER_PASSWORD']);
    expect(given('pgbouncer')).toEqual(['GATE_PASSWORD', 'APP_PASSWORD']);
    const plain = containers.flatMap(({ Environment = [] }) => Environment.map(({ Name }) => Name));
    expect(plain.filter((name) => /PASSWORD|SECRET|API_KEY|SMTP/.test(name))).toEqual([]);
  });

  it('set variables that the product knows, and all that it requires in production', () => {
    const known = new Set(
      [...read('runtime/variables.ts').matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name),
    );
    const ours = new Set([
      'DATABASE_HOST',
      'GATE_PASSWORD',
      'APP_PASSWORD',
      'WORKER_PASSWORD',
      'OWNER_PASSWORD',
      'ADMINISTRATOR_PASSWORD',
    ]);
    for (const name of ['server', 'worker', 'expand', 'contract']) {
      const { Environment = [], Secrets = [], Command = [] } = container(name);
      const exported = [...JSON.stringify(Command).matchAll(/export (\w+)=/g)].map(([, one]) => one);
      const set = [...Environment, ...Secrets].map((one) => one.Name).concat(exported as string[]);
      const unknown = set.filter((one) => !known.has(one) && !ours.has(one) && one !== 'ADMINISTRATOR');
      expect(unknown, name).toEqual([]);
    }
  });

  it('are told to stop in time: the grace of the product, its telemetry, and only then the end', () => {
    expect(container('server').StopTimeout).toBe(STOP_SECONDS);
    expect(STOP_SECONDS).toBeGreaterThan(SHUTDOWN_GRACE_SECONDS + 5);
  });
});

describe('the load balancer', () => {
  const lifecycle = read('server/lifecycle.ts');
  const seconds = (name: string) =>
    Number(new RegExp(`${name} = ([\\d_]+)`).exec(lifecycle)?.[1]?.replace('_', '')) / 1000;

  it('hangs up before the server does, and waits longer than a request may take to arrive', () => {
    expect(IDLE_SECONDS).toBeLessThan(seconds('keepAliveTimeout'));
    expect(DEREGISTRATION_SECONDS).toBeGreaterThan(seconds('requestTimeout'));
    template.resourcePropertiesCountIs(
      'AWS::ElasticLoadBalancingV2::TargetGroup',
      {
        HealthCheckPath: '/readyz',
        TargetGroupAttributes: Match.arrayWith([
          { Key: 'deregistration_delay.timeout_seconds', Value: '60' },
        ]),
      },
      2,
    );
  });

  it('speaks HTTPS, sends the rest there, and lets nobody outside test a new version', () => {
    template.resourcePropertiesCountIs('AWS::ElasticLoadBalancingV2::Listener', { Protocol: 'HTTPS' }, 2);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 80,
      DefaultActions: [Match.objectLike({ Type: 'redirect' })],
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: Match.arrayWith([
        Match.objectLike({ FromPort: 8443, CidrIp: { 'Fn::GetAtt': [Match.anyValue(), 'CidrBlock'] } }),
      ]),
    });
  });

  it('is behind a firewall that lets bodies of GraphQL and webhooks through, and counts requests', () => {
    template.hasResourceProperties('AWS::WAFv2::WebACL', {
      Rules: Match.arrayWith([
        Match.objectLike({ Statement: { RateBasedStatement: Match.objectLike({ AggregateKeyType: 'IP' }) } }),
        Match.objectLike({
          Statement: {
            ManagedRuleGroupStatement: Match.objectLike({
              RuleActionOverrides: Match.arrayWith([
                { Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } },
              ]),
            }),
          },
        }),
      ]),
    });
  });
});

describe('a deployment of the server', () => {
  it('is blue and green, migrates before the first new task, and goes back by itself', () => {
    template.hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: {
        Strategy: 'BLUE_GREEN',
        BakeTimeInMinutes: sizes.production.bakeMinutes,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        Alarms: { Enable: true, Rollback: true, AlarmNames: [Match.anyValue(), Match.anyValue()] },
        LifecycleHooks: [Match.objectLike({ LifecycleStages: ['PRE_SCALE_UP'] })],
      },
      LoadBalancers: [
        Match.objectLike({
          AdvancedConfiguration: Match.objectLike({
            AlternateTargetGroupArn: Match.anyValue(),
            ProductionListenerRule: Match.anyValue(),
            TestListenerRule: Match.anyValue(),
          }),
        }),
      ],
    });
  });

  it('comes before the worker, which would find a database that is too old', () => {
    const services = Object.entries(resourcesOf('production')).filter(
      ([, { Type }]) => Type === 'AWS::ECS::Service',
    );
    const worker = services.find(([id]) => id.startsWith('Worker'));
    const server = services.find(([id]) => id.startsWith('Server'));
    expect(worker?.[1].DependsOn).toContain(server?.[0]);
  });

  it('expands before and contracts after, with the administrator for none but these', () => {
    expect(JSON.stringify(container('expand').Command)).toContain('exec node db/main.ts migrate --expand');
    expect(JSON.stringify(container('contract').Command)).toMatch(/exec node db\/main\.ts migrate"/);
    const administrators = containers.filter(({ Secrets = [] }) =>
      Secrets.some(({ Name }) => Name.startsWith('ADMIN')),
    );
    expect(administrators.map(({ Name }) => Name)).toEqual(['expand', 'contract']);
  });
});

describe('backups', () => {
  it('lie in a locked vault, and those of production in another region too', () => {
    template.hasResourceProperties('AWS::Backup::BackupVault', {
      LockConfiguration: { MinRetentionDays: sizes.production.backupDays },
    });
    const copied = JSON.stringify(template.findResources('AWS::Backup::BackupPlan'));
    expect(copied).toContain(`:backup:${sizes.production.backupCopyRegion}:`);
  });
});
