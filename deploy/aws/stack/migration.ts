import { fileURLToPath } from 'node:url';
import { CfnOutput, Duration } from 'aws-cdk-lib';
import type { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Secret as EcsSecret, type FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { addTask, type Cluster, directUrl, passwords, withUrls } from './cluster.ts';
import { addLogGroup } from './logs.ts';
import { addGroup, connect } from './network.ts';
import { logins } from './secrets.ts';

export interface Migration {
  /** Hook of a deployment: brings the database to where the new version can start, or fails the deployment. */
  readonly expand: Lambda;
}

/**
 * Migrations, as one-shot tasks of the new image. What the new version needs is done by a hook of the server's deployment, before its
 * first task starts: nobody can deploy around it, it may take as long as it takes, and when it fails the deployment does, with the old
 * version untouched. What the old version must not live to see is done by `release` when no process of the old version is left.
 */
export function addMigration(stack: Construct, parts: Cluster): Migration {
  const scope = new Construct(stack, 'Migration');
  const group = addGroup(scope, 'Group', parts.network, 'Migrations');
  connect(group, parts.database.group, 5432, 'Migrations to PostgreSQL');
  const expand = addRunner(scope, 'Expand', parts, group, 'migrate --expand');
  const contract = addRunner(scope, 'Contract', parts, group, 'migrate');
  new CfnOutput(scope, 'ContractFunction', {
    value: contract.functionName,
    description: 'Which release invokes.',
  });
  return { expand };
}

function addRunner(
  scope: Construct,
  id: string,
  parts: Cluster,
  group: SecurityGroup,
  command: string,
): Lambda {
  const own = new Construct(scope, id);
  const task = addTask(
    own,
    parts,
    { cpu: 512, memory: 1024 },
    {
      name: id.toLowerCase(),
      image: 'product',
      // RDS's passwords hold what a URL must escape. As the administrator, who sets the logins' passwords as the secrets have them.
      command: withUrls(
        {
          ADMINISTRATOR: `$(node -p 'encodeURIComponent(process.env.ADMINISTRATOR_PASSWORD)')`,
          DATABASE_URL:
            'postgres://administrator:$ADMINISTRATOR@$DATABASE_HOST:5432/freehold?sslmode=verify-full',
          ...Object.fromEntries(
            logins.map((login) => [`${login.toUpperCase()}_DATABASE_URL`, directUrl(login)]),
          ),
        },
        `node db/main.ts ${command}`,
      ),
      environment: {
        NODE_ENV: 'production',
        FREEHOLD_VERSION: parts.inputs.version,
        DATABASE_HOST: parts.database.host,
      },
      secrets: {
        ADMINISTRATOR_PASSWORD: EcsSecret.fromSecretsManager(parts.database.administrator, 'password'),
        ...passwords(parts, ...logins),
      },
      // A migration that is told to stop ends its statement, which rolls back.
      stopTimeoutSeconds: 120,
    },
  );
  const runner = addFunction(own, parts, {
    CLUSTER: parts.cluster.clusterArn,
    TASK_DEFINITION: task.taskDefinitionArn,
    CONTAINER: id.toLowerCase(),
    SUBNETS: parts.network.vpc.selectSubnets(parts.network.tasks).subnetIds.join(','),
    SECURITY_GROUP: group.securityGroupId,
  });
  allowToRun(runner, parts, task);
  return runner;
}

function addFunction(scope: Construct, parts: Cluster, environment: Record<string, string>): Lambda {
  const logGroup = addLogGroup(scope, 'Logs', parts);
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  return new Lambda(scope, 'Function', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'run-task.handler',
    code: Code.fromAsset(fileURLToPath(new URL('../hook', import.meta.url))),
    role,
    logGroup,
    environment,
    environmentEncryption: parts.key,
    timeout: Duration.seconds(30),
    memorySize: 256,
  });
}

function allowToRun(runner: Lambda, parts: Cluster, task: FargateTaskDefinition): void {
  const inCluster = { ArnEquals: { 'ecs:cluster': parts.cluster.clusterArn } };
  runner.addToRolePolicy(
    new PolicyStatement({
      actions: ['ecs:RunTask'],
      resources: [task.taskDefinitionArn],
      conditions: inCluster,
    }),
  );
  runner.addToRolePolicy(
    new PolicyStatement({ actions: ['ecs:DescribeTasks'], resources: ['*'], conditions: inCluster }),
  );
  runner.addToRolePolicy(
    new PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [task.taskRole.roleArn, task.obtainExecutionRole().roleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
  );
  const policy = runner.role?.node.findChild('DefaultPolicy');
  if (policy)
    acknowledge(
      policy,
      'IAM5',
      'A task has its id when it runs: those of this cluster, by the condition.',
      'Resource::*',
    );
}
