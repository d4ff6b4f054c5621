// PostGraphile's own words, so that a list is called here as GraphQL will call it. Left unset, the variable makes it print advice.
process.env.GRAPHILE_ENV ??= 'production';
const { pluralize, singularize } = await import('postgraphile/graphile-build');

export { pluralize, singularize };

/** As platform.plural has it: the name in REST, unless a declaration says another. */
export function plainPlural(word: string): string {
  if (/[^aeiou]y$/.test(word)) return word.replace(/y$/, 'ies');
  return /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

/** due_on → due on */
export const spoken = (name: string): string => name.replaceAll('_', ' ');

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** due_on → dueOn, as GraphQL names it. */
export const camel = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

export const pascal = (name: string): string => capital(camel(name));

/** A task, an order. */
export function withArticle(name: string): string {
  const words = spoken(name);
  return `${/^(?!uni|use|eu|one)[aeiou]/.test(words) ? 'an' : 'a'} ${words}`;
}

const irregular: Record<string, string> = {
  begin: 'begun',
  bind: 'bound',
  bring: 'brought',
  build: 'built',
  buy: 'bought',
  choose: 'chosen',
  cut: 'cut',
  draw: 'drawn',
  find: 'found',
  give: 'given',
  hide: 'hidden',
  hold: 'held',
  keep: 'kept',
  lose: 'lost',
  make: 'made',
  pay: 'paid',
  put: 'put',
  refer: 'referred',
  run: 'run',
  sell: 'sold',
  send: 'sent',
  set: 'set',
  split: 'split',
  submit: 'submitted',
  take: 'taken',
  win: 'won',
  withdraw: 'withdrawn',
  write: 'written',
};

/** What has happened when a verb was done, for the name of its event: finish → finished, mark_paid → marked_paid. */
export function participle(verb: string): string {
  const [first = '', ...rest] = verb.split('_');
  return [pastOf(first), ...rest].join('_');
}

function pastOf(verb: string): string {
  if (Object.hasOwn(irregular, verb)) return irregular[verb] as string;
  if (verb.endsWith('e')) return `${verb}d`;
  if (/[^aeiou]y$/.test(verb)) return verb.replace(/y$/, 'ied');
  // one syllable that ends in one vowel and one consonant: stop, plan
  if (/^[^aeiou]+[aeiou][^aeiouwxy]$/.test(verb)) return `${verb}${verb.at(-1)}ed`;
  return `${verb}ed`;
}
