import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModule } from 'libpg-query';
import { describe, expect, it } from 'vitest';
import { lint } from '../../check/sql/lint.ts';
import { withEntity } from '../../db/new-entity/changelog.ts';
import { type Asked, readEntity } from '../../db/new-entity/entity.ts';
import { newFiles, writeEntity } from '../../db/new-entity/files.ts';
import { includedIn } from '../../db/new-entity/included.ts';
import { readTree, reservedWords } from '../../db/new-entity/taken.ts';
import { participle, plainPlural, withArticle } from '../../db/new-entity/words.ts';
import { createTestDatabase } from '../support/database.ts';
import { runNode } from '../support/process.ts';

/* What `npm run db new-entity` takes and writes. test/docs/extending.test.ts runs what it has written. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const tree = readTree(root);
const database = await createTestDatabase();
const entity = (asked: Asked) => readEntity(asked, tree);
const admin = database.pool('admin');

describe('a name', () => {
  it('is none of the words that SQL keeps for itself', async () => {
    const { rows } = await admin.query(`select word from pg_get_keywords() where catcode in ('R', 'T')`);
    expect([...reservedWords].sort()).toEqual(rows.map(({ word }) => word).sort());
  });

  it('has in REST the plural that the database will give it', async () => {
    const words = ['task', 'company', 'day', 'box', 'branch', 'address', 'child', 'analysis', 'line_item'];
    const { rows } = await admin.query('select platform.plural(w) as plural from unnest($1::text[]) w', [
      words,
    ]);
    expect(words.map(plainPlural)).toEqual(rows.map(({ plural }) => plural));
    // where that is not what GraphQL says, the declaration says so
    const declared = (name: string) => newFiles(entity({ name }), root).get(`db/${name}/${name}.sql`);
    expect(declared('child')).toContain(`resource => '{"name": "children"}'`);
    expect(declared('box')).not.toContain('resource');
  });

  it.each([
    ['begin', 'begun'],
    ['finish', 'finished'],
    ['archive', 'archived'],
    ['deny', 'denied'],
    ['stop', 'stopped'],
    ['reopen', 'reopened'],
    ['mark_paid', 'marked_paid'],
  ])('of a verb gives its event: %s, %s', (verb, event) => {
    expect(participle(verb)).toBe(event);
  });

  it('has its article', () => {
    expect(['task', 'order', 'user', 'item'].map(withArticle)).toEqual([
      'a task',
      'an order',
      'a user',
      'an item',
    ]);
  });
});

describe('what cannot be', () => {
  it.each<[Asked, RegExp]>([
    [{ name: 'Task' }, /not in lower case with underscores/],
    [{ name: 'tasks' }, /in the singular: task instead of tasks/],
    [{ name: 'series' }, /has no plural/],
    [{ name: 'order' }, /order is a word of SQL/],
    [{ name: 'project' }, /there is an entity project/],
    [{ name: 'member' }, /the REST API has members already/],
    [{ name: 'page_info' }, /GraphQL has PageInfo already/],
    [{ name: 't'.repeat(31) }, /longer than 30 characters/],
    [{ name: 'task', belongsTo: 'projct' }, /there is no entity projct to belong to/],
    [{ name: 'task', belongsTo: 'project,project' }, /belongs to project twice/],
    [{ name: 'task', fields: 'title' }, /"title" is not NAME:TYPE/],
    [{ name: 'task', fields: 'title:varchar' }, /of the types text, integer/],
    [{ name: 'task', fields: 'title:text:maybe' }, /"title:text:maybe" is not/],
    [{ name: 'task', fields: 'title:text:optional' }, /every field is optional/],
    [{ name: 'task', fields: 'title:text,title:date' }, /two fields title/],
    [{ name: 'task', fields: 'status:text' }, /status is there by itself/],
    [{ name: 'task', fields: 'user:text' }, /user is a word of SQL/],
    [{ name: 'task', belongsTo: 'project', fields: 'project_id:text' }, /project_id is there by itself/],
    [{ name: 'task', lifecycle: 'todo' }, /is not STATE VERB STATE/],
    [{ name: 'task', lifecycle: 'todo finish' }, /is not STATE VERB STATE/],
    [{ name: 'task', lifecycle: 'todo end done, doing end failed' }, /end leads to done and to failed/],
    [{ name: 'task', lifecycle: 'todo finish done, lost find found' }, /no way leads to the state lost/],
    [{ name: 'task', lifecycle: 'todo keep todo' }, /from todo to where it was/],
    [{ name: 'task', lifecycle: 'todo update done' }, /update is there by itself/],
    [{ name: 'task', lifecycle: 'To-do finish done' }, /the state "To-do" is not/],
    [{ name: 'content', lifecycle: 'new report old' }, /there is a function app\.report_content/],
  ])('is refused: %o', (asked, told) => {
    expect(() => entity(asked)).toThrow(told);
  });

  it('is told all at once', () => {
    const asked = { name: 'tasks', fields: 'user:text', belongsTo: 'nothing', lifecycle: 'todo' };
    expect(() => entity(asked)).toThrow(
      /singular.*STATE VERB STATE.*nothing to belong to.*user is a word of SQL/,
    );
  });

  it('is not written over what is there', () => {
    const place = mkdtempSync(join(tmpdir(), 'freehold-entity-'));
    mkdirSync(join(place, 'migrations/current'), { recursive: true });
    mkdirSync(join(place, 'db/task'), { recursive: true });
    writeFileSync(join(place, 'db/task/task.sql'), 'mine');
    expect(() => writeEntity(entity({ name: 'task' }), place)).toThrow(
      /There is db\/task\/task\.sql already/,
    );
    expect(readFileSync(join(place, 'db/task/task.sql'), 'utf8')).toBe('mine');
  });

  it('is told to who forgot that npm takes options for its own', async () => {
    const child = runNode(['db/main.ts', 'new-entity', 'task', 'project'], {
      cwd: root,
      env: { npm_config_belongs_to: 'true' },
    });
    expect(await child.closed).toBe(1);
    expect(child.output()).toMatch(/npm took the options .* Write "--" before the command/);
  });
});

describe('what is written', () => {
  it.each<Asked>([
    { name: 'note' },
    { name: 'task', belongsTo: 'project', lifecycle: 'todo finish done, done reopen todo' },
    {
      name: 'line_item',
      belongsTo: 'invoice,membership',
      fields:
        'label:text,amount:bigint,rank:integer,free:boolean,day:date:optional,since:timestamptz:optional',
      lifecycle: 'open delete deleted',
    },
  ])('keeps the rules of the SQL lint: $name', async (asked) => {
    await loadModule();
    const sql = [...newFiles(entity(asked), root)].filter(([path]) => path.endsWith('.sql'));
    expect(sql).toHaveLength(2);
    // as it is run: with what it includes, which is not in the tree
    const [[path, migration] = ['', ''], [, declaration] = ['', '']] = sql;
    const text = migration.replace(/^--!include .*$/m, () => declaration);
    expect(lint([...sql.slice(1), [path, text]].map(([path = '', text = '']) => ({ path, text })))).toEqual(
      [],
    );
  });

  it('is listed after what it belongs to', () => {
    const list =
      '--!include project/project.sql\n--!include invoice/invoice.sql\n--!include invoice/total.sql\n';
    const where = (asked: Asked) =>
      includedIn(list, entity(asked)).split('\n').indexOf('--!include task/task.sql');
    expect(where({ name: 'task' })).toBe(1);
    expect(where({ name: 'task', belongsTo: 'project,invoice' })).toBe(3);
  });

  it('has its lines in what is unreleased of the changelog, and nowhere else', () => {
    const before =
      '# Changelog\n\n## Unreleased\n\n### For partners\n- A.\n\n### For the DBA\n- B.\n\n## 1.0.0\n\n### For partners\n- C.\n';
    expect(withEntity(before, entity({ name: 'note' }))).toBe(
      before.replace(
        '- A.\n',
        '- A.\n- Notes: `/v1/notes`, `/v1/notes/{id}`, with `/archive`, `/restore`.\n',
      ),
    );
    expect(withEntity('# Changelog\n', entity({ name: 'note' }))).toBe('# Changelog\n');
  });
});
