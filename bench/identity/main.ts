import { openBenchServer } from '../support/database.ts';
import type { BenchOptions, Figure } from '../support/figures.ts';
import { authentication } from './authentication.ts';
import { directory } from './directory.ts';

/** npm run bench -- identity: what it costs to know who calls, and how long a large directory takes. */
export async function identity(options: BenchOptions, only: readonly string[]): Promise<Figure[]> {
  const server = await openBenchServer(options.say);
  const parts = { authentication, directory };
  const figures: Figure[] = [];
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (only.length === 0 || only.includes(name)) figures.push(...(await part(server, options)));
    }
  } finally {
    await server.close();
  }
  return figures;
}
