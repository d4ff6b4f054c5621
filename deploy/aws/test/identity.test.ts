import { expect, it } from 'vitest';
import { type Environment, environments, places, type Sizes, sizes } from '../sizes.ts';
import { type Resource, resourcesOf, templates } from './templates.ts';

/* dev, staging and production are one stack: same resources, same ids, same properties, save the values of sizes.ts. */

/** Paths of the properties that differ, as `places` writes them: with `*` for the places in lists. */
function differences(one: unknown, other: unknown, path: string): string[] {
  if (JSON.stringify(one) === JSON.stringify(other)) return [];
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null;
  const alike = Array.isArray(one) === Array.isArray(other);
  const sameLength = !Array.isArray(one) || !Array.isArray(other) || one.length === other.length;
  if (!isObject(one) || !isObject(other) || !alike || !sameLength) return [path];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].flatMap((key) =>
    differences(one[key], other[key], `${path}/${Array.isArray(one) ? '*' : key}`),
  );
}

function allDifferences(one: Environment, other: Environment): Set<string> {
  const others = resourcesOf(other);
  return new Set(
    Object.entries(resourcesOf(one)).flatMap(([id, resource]) =>
      differences(resource.Properties, others[id]?.Properties, resource.Type),
    ),
  );
}

const shape = (resources: Record<string, Resource>) =>
  Object.entries(resources).map(([id, { Type, DependsOn }]) => [id, Type, DependsOn]);

const pairs: [Environment, Environment][] = [
  ['dev', 'staging'],
  ['staging', 'production'],
  ['dev', 'production'],
];

it('has the same resources under the same ids, which depend on each other alike', () => {
  const [first, ...others] = environments.map((name) => shape(resourcesOf(name)));
  expect(first?.length).toBeGreaterThan(120);
  for (const other of others) expect(other).toEqual(first);
});

it.each(pairs)(
  '%s and %s differ in the properties of the sizes in which they differ, and in no others',
  (one, other) => {
    const fields = (Object.keys(places) as (keyof Sizes)[]).filter(
      (field) => sizes[one][field] !== sizes[other][field],
    );
    const allowed = new Set(fields.flatMap((field) => places[field]));
    const found = allDifferences(one, other);
    expect(found.size).toBeGreaterThan(5);
    expect([...found].filter((path) => !allowed.has(path))).toEqual([]);
  },
);

it('names no place in which no size stands', () => {
  const found = new Set(pairs.flatMap(([one, other]) => [...allDifferences(one, other)]));
  const unused = Object.entries(places).flatMap(([field, paths]) =>
    paths.filter((path) => !found.has(path)).map((path) => `${field}: ${path}`),
  );
  expect(unused).toEqual([]);
});

it('takes the same parameters and gives the same outputs', () => {
  const [first, ...others] = environments.map((name) => {
    const { Parameters, Outputs } = templates[name].toJSON();
    return { Parameters, Outputs };
  });
  for (const other of others) expect(other).toEqual(first);
});
