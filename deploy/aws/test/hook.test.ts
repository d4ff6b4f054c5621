import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { handler } from '../hook/run-task.mjs';

/* The function that ECS asks, with the SDK of AWS, over HTTP, against what stands for ECS: tasks by their client token. */
let ecs: Server;
let asked: { action: string; body: Record<string, unknown> }[] = [];
let task: { lastStatus: string; containers: { name: string; exitCode?: number }[] } | undefined;

beforeAll(async () => {
  ecs = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const action = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const body = JSON.parse(Buffer.concat(chunks).toString());
    asked.push({ action, body });
    const tasks = task ? [{ taskArn: `task/${body.clientToken ?? body.tasks}`, ...task }] : [];
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ tasks, failures: task ? [] : [{ reason: 'RESOURCE:ENI' }] }));
  });
  await new Promise<void>((resolve) => ecs.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(ecs.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    CLUSTER: 'cluster',
    TASK_DEFINITION: 'expand:7',
    CONTAINER: 'expand',
    SUBNETS: 'subnet-1,subnet-2',
    SECURITY_GROUP: 'sg-1',
  });
});
afterAll(() => ecs.close());
beforeEach(() => {
  asked = [];
});

const event = { executionId: 'one', executionDetails: { targetServiceRevisionArn: 'revision/2' } };

it('starts the task in private subnets and asks to be asked again while it runs', async () => {
  task = { lastStatus: 'RUNNING', containers: [{ name: 'expand' }] };
  expect(await handler(event)).toEqual({ hookStatus: 'IN_PROGRESS', callBackDelay: 15 });
  expect(asked.map(({ action }) => action)).toEqual(['RunTask', 'DescribeTasks']);
  expect(asked[0]?.body).toMatchObject({
    taskDefinition: 'expand:7',
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'], assignPublicIp: 'DISABLED' },
    },
  });
});

it('asks for the same task each time, and for another in another deployment', async () => {
  await handler(event);
  await handler(event);
  await handler({ ...event, executionId: 'two' });
  const tokens = asked.filter(({ action }) => action === 'RunTask').map(({ body }) => body.clientToken);
  expect(tokens[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(tokens[1]).toBe(tokens[0]);
  expect(tokens[2]).not.toBe(tokens[0]);
});

it.each([
  ['succeeds when the migration did', { name: 'expand', exitCode: 0 }, 'SUCCEEDED'],
  ['fails the deployment when the migration failed', { name: 'expand', exitCode: 1 }, 'FAILED'],
  ['fails it when the container never ran', { name: 'expand' }, 'FAILED'],
])('%s', async (_, container, hookStatus) => {
  task = { lastStatus: 'STOPPED', containers: [container] };
  expect(await handler(event)).toEqual({ hookStatus });
});

it('tries again when there was no room for the task', async () => {
  task = undefined;
  expect(await handler(event)).toMatchObject({ hookStatus: 'IN_PROGRESS' });
});

it('refuses an event by which it could not tell one deployment from another', async () => {
  await expect(handler({})).rejects.toThrow('names no execution');
  expect(asked).toEqual([]);
});
