import type { Contract } from './contract.ts';

/** Which versions are served. */
export interface Versions {
  readonly all: readonly string[];
  /** The version that a request asks for, the newest when it does not; undefined for one that there is not. */
  choose(asked: string | undefined): Contract | undefined;
  /** What each answer of a version says of it. */
  headersOf(contract: Contract): Readonly<Record<string, string>>;
}

/** @param contracts newest first */
export function createVersions(contracts: readonly Contract[]): Versions {
  const byVersion = new Map(contracts.map((contract) => [contract.version, contract]));
  const headers = new Map(contracts.map((contract) => [contract, headersFor(contract)]));
  return {
    all: contracts.map(({ version }) => version),
    choose: (asked) => (asked === undefined ? contracts[0] : byVersion.get(asked)),
    headersOf: (contract) => headers.get(contract) ?? {},
  };
}

/** Deprecation is RFC 9745, Sunset RFC 8594. */
function headersFor({ version, deprecatedOn, sunsetOn }: Contract): Record<string, string> {
  const since = deprecatedOn && Date.parse(`${deprecatedOn}T00:00:00Z`);
  const until = sunsetOn && new Date(`${sunsetOn}T00:00:00Z`);
  return {
    'freehold-version': version,
    ...(since && { deprecation: `@${since / 1000}` }),
    ...(until && { sunset: until.toUTCString() }),
    ...(since && { link: '</v1/docs>; rel="deprecation"; type="text/html"' }),
  };
}
