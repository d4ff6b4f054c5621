/** What was answered while one step of the deployment lasted. */
export interface PhaseFigures {
  phase: string;
  requests: number;
  failures: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  longest: number;
}

export interface Failed {
  phase: string;
  operation: string;
  reason: string;
}

/** Counts what a load was answered, by the step that was going on when it asked. */
export class Figures {
  readonly failed: Failed[] = [];
  readonly #phases = new Map<string, { times: number[]; failures: number }>();
  #phase = '';

  get phase(): string {
    return this.#phase;
  }

  /** From now on. */
  enter(phase: string): void {
    this.#phase = phase;
    if (!this.#phases.has(phase)) this.#phases.set(phase, { times: [], failures: 0 });
  }

  /** One request and its answer, whatever that was. */
  count(phase: string, ms: number): void {
    this.#phases.get(phase)?.times.push(ms);
  }

  /** @param reason why what an operation was answered is not what it expects */
  fail(phase: string, operation: string, reason: string): void {
    const its = this.#phases.get(phase);
    if (its) its.failures += 1;
    this.failed.push({ phase, operation, reason });
  }

  get requests(): number {
    return this.phases.reduce((total, { requests }) => total + requests, 0);
  }

  /** In the order in which they began. */
  get phases(): PhaseFigures[] {
    return [...this.#phases].map(([phase, { times, failures }]) => {
      const sorted = times.toSorted((a, b) => a - b);
      const at = (share: number) =>
        round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
      return { phase, requests: times.length, failures, p50: at(0.5), p99: at(0.99), longest: at(1) };
    });
  }
}

const round = (ms: number): number => Math.round(ms * 10) / 10;
