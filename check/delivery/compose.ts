import { DCLinter } from 'dclint';
import type { Finding } from './dockerfile-rules.ts';

/** Of dclint's rules, those that are a matter of taste, or mistaken here. */
const off: Record<string, 0> = {
  // Order of keys and services: ours is that in which a reader meets them.
  'service-keys-order': 0,
  'services-alphabetical-order': 0,
  'service-dependencies-alphabetical-order': 0,
  'service-ports-alphabetical-order': 0,
  'top-level-properties-order': 0,
  // Of YAML 1.1, whose 22:22 is a number; the ports here begin with an address.
  'require-quotes-in-ports': 0,
  // build with image is how the Compose Specification names what was built.
  'no-build-and-image': 0,
  // It takes the alias *image for a name; test/deploy/stack.test.ts holds the images to a version.
  'service-image-require-explicit-tag': 0,
};

/** What dclint says of a compose file: its rules, and the schema of the Compose Specification that it brings. */
export function lintCompose(path: string): Finding[] {
  const linter = new DCLinter({ rules: off, quiet: false, debug: false, exclude: [] });
  // its declarations name files in a way that Node's resolution does not follow
  const results: { messages: { line: number; rule: string; message: string }[] }[] = linter.lintFiles(
    [path],
    false,
  );
  return results.flatMap(({ messages }) =>
    messages.map(({ line, rule, message }) => ({ line, code: rule, reason: message })),
  );
}
