import { openBenchServer } from '../support/database.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { envelope } from './envelope.ts';
import { graphql } from './graphql.ts';
import { rls } from './rls.ts';
import { scale } from './scale.ts';
import { start } from './start.ts';
import { write } from './write.ts';

/** npm run bench -- core: the cost of isolation, events and envelope. The last figures are in the README. */
export async function core(options: BenchOptions, only: readonly string[]): Promise<Figure[]> {
  const profile = options.smoke
    ? { tenants: 50, rows: 20_000, skewed: true }
    : { tenants: 1_000, rows: 2_000_000, skewed: true };
  const server = await openBenchServer(options.say);
  const parts: Record<string, () => Promise<Figure[]>> = {
    rls: () => rls(server, profile, options),
    write: () => write(server, profile, options),
    envelope: () => envelope(server, profile, options),
    graphql: () => graphql(server, profile, options),
    scale: () => scale(server, options),
  };
  const figures: Figure[] = [];
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (only.length === 0 || only.includes(name)) figures.push(...(await part()));
    }
  } finally {
    await server.close();
  }
  if (only.length === 0 || only.includes('start')) figures.push(...(await start(options)));
  return figures;
}
