/** Variants measured against each other in one run: every round runs each of them, so that noise falls on all alike. */

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
  if (found === undefined) throw new Error('nothing was measured');
  return found;
}

/** One operation; `prepare` runs before each and is not measured. */
export interface Variant {
  name: string;
  prepare?: () => Promise<unknown>;
  run: () => Promise<unknown>;
}

/**
 * Runs the variants in turn, one operation each, in alternating order.
 * @returns latencies by name, in microseconds
 */
export async function latencies(
  variants: readonly Variant[],
  iterations: number,
): Promise<Record<string, number[]>> {
  const measured: Record<string, number[]> = Object.fromEntries(variants.map(({ name }) => [name, []]));
  const warmUp = Math.min(200, Math.ceil(iterations / 10));
  for (let i = -warmUp; i < iterations; i++) {
    for (const variant of i % 2 ? variants : [...variants].reverse()) {
      await variant.prepare?.();
      const start = process.hrtime.bigint();
      await variant.run();
      if (i >= 0) measured[variant.name]?.push(Number(process.hrtime.bigint() - start) / 1000);
    }
  }
  return measured;
}

/** One operation of one of several clients at once; `prepare` runs before each stretch of them and is not measured. */
export interface Load {
  name: string;
  prepare?: () => Promise<unknown>;
  run: (client: number) => Promise<unknown>;
}

/**
 * Lets `clients` clients repeat an operation for `seconds`, each load in turn, `rounds` times.
 * @returns operations per second by name, one number a round
 */
export async function rates(
  loads: readonly Load[],
  { clients, seconds, rounds }: { clients: number; seconds: number; rounds: number },
): Promise<Record<string, number[]>> {
  const measured: Record<string, number[]> = Object.fromEntries(loads.map(({ name }) => [name, []]));
  for (let r = -1; r < rounds; r++) {
    for (const load of r % 2 ? loads : [...loads].reverse()) {
      await load.prepare?.();
      const start = performance.now();
      const end = start + seconds * (r < 0 ? 200 : 1000);
      let done = 0;
      await Promise.all(
        Array.from({ length: clients }, async (_, client) => {
          while (performance.now() < end) {
            await load.run(client);
            done++;
          }
        }),
      );
      if (r >= 0) measured[load.name]?.push((done * 1000) / (performance.now() - start));
    }
  }
  return measured;
}

/** Median of the ratios of the same round: a slow stretch of the machine falls on both sides. */
export function ratioOfRounds(above: readonly number[], below: readonly number[]): number {
  return median(above.map((value, round) => value / (below[round] as number)));
}
