import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { environments, type Sizes, sizes } from '../../deploy/aws/sizes.ts';
import { variables } from '../../runtime/variables.ts';

/* deploy/kubernetes: held against Kubernetes' own schemas and against what the product and deploy/aws/sizes.ts say. */
interface Container {
  name: string;
  env: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
  resources: { requests: { cpu: string; memory: string }; limits: { memory: string } };
  securityContext: Record<string, unknown>;
  [key: string]: unknown;
}
interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  // biome-ignore lint/suspicious/noExplicitAny: of any kind
  spec: any;
  data?: Record<string, string>;
}

const home = new URL('../../deploy/kubernetes/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, home), 'utf8');
const manifestsOf = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as Manifest);
const { resources } = parse(read('base/kustomization.yaml')) as { resources: string[] };
const base = resources.flatMap((file) => manifestsOf(read(`base/${file}`)));
const pods = base.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');
const find = (manifests: Manifest[], kind: string, name: string): Manifest => {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
};

/** @throws with what Kubernetes' schema says against it */
async function validate({ apiVersion, kind, ...rest }: Manifest): Promise<void> {
  const module = (await import(/* @vite-ignore */ `kubernetes-models/${apiVersion}/${kind}`)) as Record<
    string,
    new (
      data: object,
    ) => { validate(): void }
  >;
  const Model = module[kind];
  if (!Model) throw new Error(`Kubernetes knows no ${apiVersion} ${kind}`);
  new Model(rest).validate();
}

it('is made of what Kubernetes knows, in the form in which it knows it', async () => {
  expect(base.length).toBeGreaterThan(20);
  for (const manifest of base)
    await expect(validate(manifest), JSON.stringify(manifest.metadata)).resolves.toBeUndefined();
  const wrong = { ...find(base, 'Deployment', 'server'), spec: { replicas: 'many' } };
  await expect(validate(wrong)).rejects.toThrow();
});

it('runs nothing as root, and nothing that writes to its own files or speaks to Kubernetes', () => {
  expect(pods.map(({ metadata }) => metadata.name)).toEqual([
    'pgbouncer',
    'server',
    'worker',
    'migrate-expand',
    'migrate-contract',
  ]);
  for (const { metadata, spec } of pods) {
    const pod = spec.template.spec;
    expect(pod, metadata.name).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          securityContext: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    });
    find(base, 'ServiceAccount', pod.serviceAccountName);
  }
});

it('gives each process the variables that it knows, and secrets by name alone', () => {
  const ours = /^(DATABASE_HOST|\w+_PASSWORD)$/;
  const settings = Object.keys(find(base, 'ConfigMap', 'freehold').data ?? {});
  for (const { metadata, spec } of pods.filter((one) => one.metadata.name !== 'pgbouncer')) {
    const [{ env }] = spec.template.spec.containers as [Container];
    const set = [...env.map(({ name }) => name), ...settings].filter((name) => !ours.test(name));
    expect(
      set.filter((name) => !(name in variables.shape) && name !== 'NODE_EXTRA_CA_CERTS'),
      metadata.name,
    ).toEqual([]);
    const secret = env.filter(({ name }) => /PASSWORD|SECRET|API_KEY|^SMTP_URL$|^DATABASE_URL$/.test(name));
    expect(secret.filter(({ valueFrom }) => !valueFrom?.secretKeyRef)).toEqual([]);
  }
});

it('gives processes longer to end than they take, and asks of each what it can say', () => {
  const grace = Number(find(base, 'ConfigMap', 'freehold').data?.SHUTDOWN_GRACE_MS) / 1000;
  for (const name of ['server', 'worker'])
    expect(find(base, 'Deployment', name).spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(
      grace + 5,
    );
  const [server] = find(base, 'Deployment', 'server').spec.template.spec.containers;
  expect([server.readinessProbe.httpGet.path, server.livenessProbe.httpGet.path]).toEqual([
    '/readyz',
    '/livez',
  ]);
  const delay = Number((server as Container).env.find(({ name }) => name === 'DRAIN_DELAY_MS')?.value) / 1000;
  const { periodSeconds, failureThreshold } = server.readinessProbe;
  expect(delay).toBeGreaterThan(periodSeconds * failureThreshold);
  expect(delay).toBeLessThan(grace);
});

/** What an overlay must come to, from the sizes that AWS has. The collector is no container here. */
function expected(of: Sizes): Record<string, unknown> {
  const resources = (cpu: number, memory: number) => ({
    requests: { cpu: `${cpu}m`, memory: `${memory - 256}Mi` },
    limits: { memory: `${memory - 256}Mi` },
  });
  return {
    poolers: of.poolers,
    poolSize: String(of.poolSize),
    servers: [of.serversLeast, of.serversMost],
    workers: [of.workersLeast, of.workersMost],
    server: resources(of.serverCpu, of.serverMemory),
    worker: resources(of.workerCpu, of.workerMemory),
    concurrency: [String(of.workerConcurrency), String(of.workerConcurrency + 2)],
  };
}

function actual(manifests: Manifest[]): Record<string, unknown> {
  const container = (name: string): Container =>
    find(manifests, 'Deployment', name).spec.template.spec.containers[0];
  const env = (name: string, variable: string) =>
    container(name).env.find((one) => one.name === variable)?.value;
  const range = (name: string) => {
    const { minReplicas, maxReplicas } = find(manifests, 'HorizontalPodAutoscaler', name).spec;
    return [minReplicas, maxReplicas];
  };
  return {
    poolers: find(manifests, 'Deployment', 'pgbouncer').spec.replicas,
    poolSize: env('pgbouncer', 'POOL_SIZE'),
    servers: range('server'),
    workers: range('worker'),
    server: container('server').resources,
    worker: container('worker').resources,
    concurrency: [env('worker', 'WORKER_CONCURRENCY'), env('worker', 'WORKER_POOL_SIZE')],
  };
}

interface Overlay {
  replicas: { name: string; count: number }[];
  patches: { target: { kind: string; name: string }; patch: string }[];
}

/** As kustomize does with what the overlays use of it: counts of replicas, and JSON patches (RFC 6902) that add or replace. */
function applied({ replicas, patches }: Overlay): Manifest[] {
  const manifests = structuredClone(base);
  for (const { name, count } of replicas) find(manifests, 'Deployment', name).spec.replicas = count;
  for (const { target, patch } of patches) {
    for (const { op, path, value } of parse(patch) as { op: string; path: string; value: unknown }[]) {
      const steps = path.slice(1).split('/');
      const last = steps.pop() ?? '';
      // biome-ignore lint/suspicious/noExplicitAny: any part of a manifest
      const parent = steps.reduce((at: any, step) => at[step], find(manifests, target.kind, target.name));
      if (op === 'add' && last === '-') parent.push(value);
      else if (op === 'replace' && last in parent) parent[last] = value;
      else throw new Error(`${target.kind} ${target.name}: ${op} ${path} meets nothing`);
    }
  }
  return manifests;
}

const kubectl = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' }).status === 0;

describe.each(environments)('the overlay %s', (name) => {
  const overlay = parse(read(`overlays/${name}/kustomization.yaml`)) as Overlay;

  it('is as large as deploy/aws/sizes.ts says, in manifests that Kubernetes knows', async () => {
    const manifests = applied(overlay);
    expect(actual(manifests)).toEqual(expected(sizes[name]));
    for (const manifest of manifests) await validate(manifest);
  });

  if (kubectl) {
    it('comes to the same where kubectl builds it', () => {
      const path = fileURLToPath(new URL(`overlays/${name}`, home));
      const { stdout, stderr, status } = spawnSync('kubectl', ['kustomize', path], { encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      expect(actual(manifestsOf(stdout))).toEqual(expected(sizes[name]));
    });
  }
});
