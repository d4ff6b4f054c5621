import type { Entity } from './entity.ts';

/** db/definitions.sql with the entity's file: after what it belongs to, or else after the projects. */
export function includedIn(definitions: string, { name, parents }: Entity): string {
  const lines = definitions.trimEnd().split('\n');
  const lastOf = (folder: string) => lines.findLastIndex((line) => line.startsWith(`--!include ${folder}/`));
  const after = Math.max(...parents.map((parent) => lastOf(parent.name)), -1);
  const at = after >= 0 ? after : lastOf('project');
  lines.splice(at >= 0 ? at + 1 : lines.length, 0, `--!include ${name}/${name}.sql`);
  return `${lines.join('\n')}\n`;
}
