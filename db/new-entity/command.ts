import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Failure } from '../../runtime/failure.ts';
import { type Asked, defaults, readEntity } from './entity.ts';
import { types } from './fields.ts';
import { writeEntity } from './files.ts';
import { readTree } from './taken.ts';

const usage = `npm run db -- new-entity NAME [options]

  --fields      what people fill in, with commas: NAME:TYPE or NAME:TYPE:optional; "${defaults.fields}" when absent
                types: ${Object.keys(types).join(', ')}
  --belongs-to  the entity that each row belongs to; several with commas
  --lifecycle   ways through its states, with commas: STATE VERB STATE VERB STATE …
                "${defaults.lifecycle}" when absent

  npm run db -- new-entity task --belongs-to project --fields title:text,due_on:date:optional \\
    --lifecycle "todo begin doing finish done reopen todo, todo finish done"`;

/**
 * npm run db -- new-entity: writes what is to be written for an entity, in this tree.
 * @param args what follows the command
 * @throws Failure options_lost, entity_unacceptable, files_exist; nothing is written then
 */
export function newEntity(args: readonly string[]): void {
  const asked = readArguments(args);
  if (typeof asked === 'string') {
    console.error(`${asked}\n\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const paths = writeEntity(readEntity(asked, readTree(root)), root);
  console.log(`Written:
${paths.map((path) => `  ${path}`).join('\n')}

Next (docs/extending.md):
  1. Say what it is: limits and comments in ${paths.slice(0, 2).join(' and ')}.
  2. npm start                       runs the draft; npm run db reset before, when it has run and was changed
  3. npx vitest run ${paths[2]}
  4. npm run db commit               makes the draft a migration, and writes db/schema.sql and what docs show of it
     npm run db reset                the development database begins anew with the migration
     npm run openapi                 writes docs/openapi.json and docs/schema.graphql
     npm run check && npm test`);
}

/** What is asked for, or what is wrong with the asking. @throws Failure options_lost */
function readArguments(args: readonly string[]): Asked | string {
  const lost = ['fields', 'belongs_to', 'lifecycle'].filter((name) => process.env[`npm_config_${name}`]);
  if (lost.length > 0)
    throw new Failure(
      'options_lost',
      'npm took the options for its own.',
      'Write "--" before the command, npm run db -- new-entity NAME --fields …; nothing was written.',
    );
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        fields: { type: 'string' },
        'belongs-to': { type: 'string' },
        lifecycle: { type: 'string' },
      },
    });
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) return 'An entity has one name.';
    return { name, fields: values.fields, belongsTo: values['belongs-to'], lifecycle: values.lifecycle };
  } catch (error) {
    return (error as Error).message;
  }
}
