import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { explain, Failure } from '../../runtime/failure.ts';

/** The options of a command, by node's own rules. @throws Failure usage, with what the command takes */
export function readArguments<T extends ParseArgsConfig>(
  args: readonly string[],
  config: T,
  usage: string,
): ReturnType<typeof parseArgs<T & { args: string[] }>> {
  try {
    return parseArgs({ ...config, args: [...args] });
  } catch (error) {
    throw new Failure('usage', `${explain(error)}.`.replace(/\.\.$/, '.'), `Usage: ${usage}`, {
      cause: error,
    });
  }
}
