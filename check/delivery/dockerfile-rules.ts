import type { Arg, Copy, From, Instruction, JSONInstruction } from 'dockerfile-ast';
import { DockerfileParser } from 'dockerfile-ast';
import { isAllowed, readAllowed } from '../../deploy/image/context.ts';

export interface Finding {
  /** Counted from 1. */
  line: number;
  code: string;
  reason: string;
}

interface Stage {
  from: From;
  name: string;
  instructions: Instruction[];
}

interface Rule {
  code: string;
  /** Why it matters and what to write instead, in a line. */
  reason: string;
  /** The instructions that break it. */
  check(stages: Stage[], allowed: readonly string[]): Instruction[];
}

const of = (stages: readonly Stage[], keyword: string): Instruction[] =>
  stages.flatMap(({ instructions }) => instructions.filter((one) => one.getKeyword() === keyword));
const text = (instruction: Instruction): string => instruction.getArgumentsContent() ?? '';
const last = (stages: readonly Stage[]): Stage[] => stages.slice(-1);

/** What the last stage lacks is reported where that stage begins. */
const lacks = (stages: readonly Stage[], keyword: string): Instruction[] =>
  last(stages).flatMap(({ from, instructions }) =>
    instructions.some((one) => one.getKeyword() === keyword) ? [] : [from],
  );

const inherits = (stages: readonly Stage[], from: From): boolean =>
  stages.some((stage) => stage.from !== from && stage.name === from.getImage());

/** hadolint is a Haskell program that no npm package brings: these are the rules that this project's Dockerfile must keep, each with a fixture of both kinds. */
export const rules: Rule[] = [
  {
    code: 'base-unpinned',
    reason: 'The same commit must build the same image: name the version to its last number, or a digest.',
    check: (stages) =>
      stages
        .map(({ from }) => from)
        .filter((from) => !inherits(stages, from) && !from.getImageDigest())
        .filter((from) => !/^\d+\.\d+\.\d+/.test(from.getImageTag() ?? '')),
  },
  {
    code: 'add',
    reason: 'ADD also unpacks archives and fetches URLs, which nobody reads in a review: COPY.',
    check: (stages) => of(stages, 'ADD'),
  },
  {
    code: 'root-user',
    reason:
      'The processes need no rights: end the last stage with a USER by number, which Kubernetes can tell from root.',
    check: (stages) =>
      last(stages).flatMap(({ from, instructions }) => {
        const user = instructions.findLast((one) => one.getKeyword() === 'USER');
        return user ? (/^[1-9]\d*(:[1-9]\d*)?$/.test(text(user)) ? [] : [user]) : [from];
      }),
  },
  {
    code: 'shell-form',
    reason: 'A shell between the engine and the process keeps its signals: write ["node", "server/main.ts"].',
    check: (stages) =>
      [...of(stages, 'CMD'), ...of(stages, 'ENTRYPOINT')].filter(
        (one) => (one as JSONInstruction).getOpeningBracket() === null,
      ),
  },
  {
    code: 'secret',
    reason:
      'ENV and ARG stay readable in the image: secrets come when it runs, or by RUN --mount=type=secret.',
    check: (stages) =>
      [...of(stages, 'ENV'), ...of(stages, 'ARG')].filter((one) =>
        /(^|\s)\w*(SECRET|PASSWORD|PASSWD|TOKEN|CREDENTIAL|PRIVATE|API_?KEY|DATABASE_URL)\w*\s*=?/i.test(
          text(one as Arg),
        ),
      ),
  },
  {
    code: 'copy-unlisted',
    reason: 'Copy what .dockerignore lets in, by name: COPY . takes what somebody adds tomorrow.',
    check: (stages, allowed) =>
      of(stages, 'COPY').filter((one) => {
        const sources = one.getArguments().slice(0, -1);
        return (
          !(one as Copy).getFromFlag() && sources.some((source) => !isAllowed(allowed, source.getValue()))
        );
      }),
  },
  {
    code: 'unlocked-install',
    reason:
      'What is installed stands in a lock file: npm ci, no npm install, npx, or script piped into a shell.',
    check: (stages) =>
      of(stages, 'RUN').filter((one) =>
        /\bnpm (install|i|add|exec|update)\b|\bnpx\b|\b(curl|wget)\b.*\|\s*(ba)?sh\b/.test(text(one)),
      ),
  },
  {
    code: 'development-dependencies',
    reason:
      "Packages of tests have no place beside the product's: npm ci --omit=dev, or --omit=optional for a tool.",
    check: (stages) => of(stages, 'RUN').filter((one) => /\bnpm ci\b(?!.*--omit=)/.test(text(one))),
  },
  {
    code: 'no-healthcheck',
    reason: 'Whoever runs the image must be able to tell whether it lives: HEALTHCHECK in the last stage.',
    check: (stages) => lacks(stages, 'HEALTHCHECK'),
  },
  {
    code: 'no-stopsignal',
    reason: 'Processes drain on SIGTERM: say so, whatever the base image says.',
    check: (stages) => lacks(stages, 'STOPSIGNAL'),
  },
  {
    code: 'no-labels',
    reason:
      'An image must tell what it is made from: org.opencontainers.image.source, .revision and .version.',
    check: (stages) =>
      last(stages).flatMap(({ from, instructions }) => {
        const labels = instructions
          .filter((one) => one.getKeyword() === 'LABEL')
          .map(text)
          .join(' ');
        const absent = ['source', 'revision', 'version'].filter(
          (name) => !labels.includes(`org.opencontainers.image.${name}=`),
        );
        return absent.length > 0 ? [from] : [];
      }),
  },
];

/** What is wrong with a Dockerfile. @param dockerignore the text of .dockerignore */
export function lintDockerfile(dockerfile: string, dockerignore: string): Finding[] {
  const stages: Stage[] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const from = instruction as From;
      stages.push({ from, name: from.getBuildStage() ?? '', instructions: [] });
    } else stages.at(-1)?.instructions.push(instruction);
  }
  const allowed = readAllowed(dockerignore);
  return rules
    .flatMap(({ code, reason, check }) =>
      check(stages, allowed).map((at) => ({ line: at.getRange().start.line + 1, code, reason })),
    )
    .sort((a, b) => a.line - b.line);
}
