import type { Copy, From, Healthcheck, Instruction, JSONInstruction } from 'dockerfile-ast';
import { DockerfileParser } from 'dockerfile-ast';
import { Failure } from '../../runtime/failure.ts';

/** What a stage does, in order. Paths are as written, with WORKDIR beside them. */
export type Step =
  | { kind: 'copy'; workdir: string; from?: string; sources: string[]; target: string }
  | { kind: 'run'; workdir: string; command: string };

export interface Stage {
  name: string;
  /** A stage before it, or an image. */
  base: string;
  steps: Step[];
  /** ARG, with its default. */
  args: Record<string, string>;
  env: Record<string, string>;
  labels: Record<string, string>;
  workdir: string;
  user?: string;
  command?: string[];
  healthcheck?: string[];
  stopSignal?: string;
}

/**
 * The stages of a Dockerfile, each with what it inherits from the stage it begins with.
 * @throws Failure for an instruction that this project's replay does not know: what it left out would not be proved
 */
export function readDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const keyword = instruction.getKeyword();
    if (keyword === 'FROM') {
      stages.push(beginStage(instruction as From, stages));
      continue;
    }
    const stage = stages.at(-1);
    const apply = instructions[keyword];
    if (!stage || !apply) throw unknown(instruction);
    apply(stage, instruction);
  }
  return stages;
}

function beginStage(from: From, before: readonly Stage[]): Stage {
  const base = from.getImage() ?? '';
  const inherited = before.find(({ name }) => name === base);
  return {
    ...inherited,
    name: from.getBuildStage() ?? String(before.length),
    base,
    steps: [],
    args: {},
    env: { ...inherited?.env },
    labels: { ...inherited?.labels },
    workdir: inherited?.workdir ?? '/',
  };
}

const words = (instruction: Instruction): string[] =>
  instruction.getArguments().map((word) => word.getValue());
const text = (instruction: Instruction): string => (instruction.getArgumentsContent() ?? '').trim();

/** $NAME, as ARG and ENV have set it. */
const expand = (stage: Stage, value: string): string =>
  value.replace(/\$\{?(\w+)\}?/g, (_, name: string) => stage.args[name] ?? stage.env[name] ?? '');

const instructions: Record<string, (stage: Stage, instruction: Instruction) => void> = {
  ARG: (stage, instruction) => {
    const [name = '', ...value] = text(instruction).split('=');
    stage.args[name] = value.join('=');
  },
  ENV: (stage, instruction) => Object.assign(stage.env, pairs(stage, instruction)),
  LABEL: (stage, instruction) => Object.assign(stage.labels, pairs(stage, instruction)),
  WORKDIR: (stage, instruction) => {
    stage.workdir = text(instruction);
  },
  COPY: (stage, instruction) => {
    const sources = words(instruction);
    const target = sources.pop() ?? '';
    const from = (instruction as Copy).getFromFlag()?.getValue();
    stage.steps.push({ kind: 'copy', workdir: stage.workdir, ...(from && { from }), sources, target });
  },
  RUN: (stage, instruction) => {
    stage.steps.push({ kind: 'run', workdir: stage.workdir, command: words(instruction).join(' ') });
  },
  USER: (stage, instruction) => {
    stage.user = text(instruction);
  },
  STOPSIGNAL: (stage, instruction) => {
    stage.stopSignal = text(instruction);
  },
  CMD: (stage, instruction) => {
    stage.command = strings(instruction as JSONInstruction);
  },
  HEALTHCHECK: (stage, instruction) => {
    const [, json = '[]'] = /CMD\s+(\[.*\])$/.exec(text(instruction as Healthcheck)) ?? [];
    stage.healthcheck = JSON.parse(json) as string[];
  },
  // says where it listens, and changes nothing
  EXPOSE: () => {},
};

function pairs(stage: Stage, instruction: Instruction): Record<string, string> {
  const found = [...text(instruction).matchAll(/([\w.]+)=(?:"([^"]*)"|(\S*))/g)];
  return Object.fromEntries(
    found.map(([, name, quoted, bare]) => [name, expand(stage, quoted ?? bare ?? '')]),
  );
}

const strings = (instruction: JSONInstruction): string[] =>
  instruction.getJSONStrings().map((string) => string.getJSONValue());

function unknown(instruction: Instruction): Failure {
  return new Failure(
    'dockerfile_unknown',
    `deploy/image knows no ${instruction.getKeyword()} (line ${instruction.getRange().start.line + 1}).`,
    'Teach it (deploy/image/dockerfile.ts), or the replay would prove another image.',
  );
}
