import { createHash } from 'node:crypto';
import { DescribeTasksCommand, ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';

/**
 * Runs a one-shot task and says how it ended, as ECS asks a lifecycle hook of a deployment: again and again until it is told. The client
 * token is made of what the call is about, so that each question after the first is about the task that the first one started.
 *
 * @param {{ executionId?: string, executionDetails?: { targetServiceRevisionArn?: string } }} event
 * @returns {Promise<{ hookStatus: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED', callBackDelay?: number }>}
 */
export async function handler(event) {
  const about = [event.executionId, event.executionDetails?.targetServiceRevisionArn]
    .filter(Boolean)
    .join(' ');
  // Without it every question would start a task.
  if (!about) throw new Error(`the event names no execution and no revision: ${JSON.stringify(event)}`);
  const client = new ECSClient();
  const { CLUSTER: cluster, TASK_DEFINITION: taskDefinition, CONTAINER: container } = process.env;
  const started = await client.send(
    new RunTaskCommand({
      cluster,
      taskDefinition,
      launchType: 'FARGATE',
      clientToken: createHash('sha256').update(about).digest('hex'),
      startedBy: 'release',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: process.env.SUBNETS?.split(','),
          securityGroups: [process.env.SECURITY_GROUP ?? ''],
          assignPublicIp: 'DISABLED',
        },
      },
    }),
  );
  const taskArn = started.tasks?.[0]?.taskArn;
  // No capacity, or no right: the next question tries again, and ECS ends the deployment when its time is over.
  if (!taskArn) {
    console.error('the task was not started', JSON.stringify(started.failures));
    return { hookStatus: 'IN_PROGRESS', callBackDelay: 15 };
  }
  const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }));
  const [task] = tasks;
  if (task?.lastStatus !== 'STOPPED') return { hookStatus: 'IN_PROGRESS', callBackDelay: 15 };
  const exitCode = task.containers?.find(({ name }) => name === container)?.exitCode;
  console.log(`${taskArn} ended with ${exitCode}: ${task.stoppedReason}`);
  // A container that never ran has no exit code.
  return { hookStatus: exitCode === 0 ? 'SUCCEEDED' : 'FAILED' };
}
