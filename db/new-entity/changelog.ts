import type { Entity } from './entity.ts';
import { camel, capital, participle, pascal, spoken } from './words.ts';

/** CHANGELOG.md with a line for each of those who use the APIs, at the end of their part of what is unreleased; as it was where it has no such part. */
export function withEntity(changelog: string, entity: Entity): string {
  const { name, plural, lifecycle } = entity;
  const verbs = lifecycle.verbs.map((verb) => verb.name);
  const types = ['created', 'updated', ...verbs.map(participle)].map((event) => `\`${name}.${event}\``);
  const mutations = ['create', 'update', ...verbs].map((verb) => `\`${camel(verb)}${pascal(name)}\``);
  const posted = verbs.filter((verb) => verb !== 'delete').map((verb) => `\`/${verb}\``);
  const lines: Record<string, string> = {
    'For the frontend developer': `${capital(spoken(plural))}: \`${camel(plural)}\`, \`${camel(name)}(id:)\`, ${mutations.join(', ')}.`,
    'For partners': `${capital(spoken(plural))}: \`/v1/${plural}\`, \`/v1/${plural}/{id}\`${posted.length > 0 ? `, with ${posted.join(', ')}` : ''}.`,
    'For the receiver of webhooks': `${capital(spoken(plural))}: ${types.join(', ')}.`,
  };
  return Object.entries(lines).reduce((text, [part, line]) => withLine(text, part, `- ${line}`), changelog);
}

function withLine(changelog: string, part: string, line: string): string {
  const [before, unreleased, after] = split(changelog, /^## Unreleased$/m, /^## /m);
  const [start, body, rest] = split(unreleased, new RegExp(`^### ${part}$`, 'm'), /^##/m);
  if (body === '') return changelog;
  return `${before}${start}${body.trimEnd()}\n${line}\n${rest === '' ? after && '\n' : '\n'}${rest}${after}`;
}

/** Up to and with the heading, what is under it, and the rest. */
function split(text: string, heading: RegExp, end: RegExp): [string, string, string] {
  const found = heading.exec(text);
  if (!found) return [text, '', ''];
  const from = found.index + found[0].length;
  const length = end.exec(text.slice(from))?.index ?? text.length - from;
  return [text.slice(0, from), text.slice(from, from + length), text.slice(from + length)];
}
