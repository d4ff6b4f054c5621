/** Modes of table locks, weakest first (PostgreSQL's documentation, 13.3.1). */
export const lockModes = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;
export type LockMode = (typeof lockModes)[number];

/** AccessExclusiveLock, as pg_locks has it. */
export function modeOf(text: string): LockMode {
  const words = text
    .replace(/Lock$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();
  return lockModes.find((mode) => mode === words) ?? 'ACCESS EXCLUSIVE';
}

export function isStronger(mode: LockMode, than: LockMode | undefined): boolean {
  return than === undefined || lockModes.indexOf(mode) > lockModes.indexOf(than);
}

export function strongest(modes: Iterable<LockMode>): LockMode | undefined {
  let found: LockMode | undefined;
  for (const mode of modes) if (isStronger(mode, found)) found = mode;
  return found;
}

/** Whom a lock keeps waiting; undefined for those under which everybody reads and writes. */
export function blocked(mode: LockMode | undefined): 'readers and writers' | 'writers' | undefined {
  if (mode === 'ACCESS EXCLUSIVE') return 'readers and writers';
  return isStronger(mode ?? 'ACCESS SHARE', 'SHARE UPDATE EXCLUSIVE') ? 'writers' : undefined;
}
