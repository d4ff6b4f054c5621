/** One step of the demonstration: what was to be seen, and what was. */
export interface Step {
  name: string;
  /** What happened and why, one line each. */
  seen: string[];
  ok: boolean;
  ms: number;
}

/** Thrown by `expect`: the step was not observed. */
class NotSeen extends Error {}

/** @throws NotSeen unless the condition holds */
export function expect(condition: unknown, otherwise: string): asserts condition {
  if (!condition) throw new NotSeen(otherwise);
}

/** Runs steps in order and remembers them. The first that is not observed ends the story. */
export function createStory(print: (line: string) => void) {
  const steps: Step[] = [];
  return {
    steps,
    async step<T>(name: string, act: (see: (line: string) => void) => Promise<T>): Promise<T> {
      const began = performance.now();
      const step: Step = { name, seen: [], ok: false, ms: 0 };
      steps.push(step);
      print(`\n${steps.length}. ${name}`);
      const see = (line: string): void => {
        step.seen.push(line);
        print(`   ${line}`);
      };
      try {
        const result = await act(see);
        step.ok = true;
        return result;
      } catch (error) {
        see(`NOT OBSERVED: ${(error as Error).message}`);
        throw error;
      } finally {
        step.ms = Math.round(performance.now() - began);
      }
    },
  };
}
