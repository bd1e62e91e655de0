import { isDeepStrictEqual } from 'node:util';

/** What differs between two states of a thing: as it was, and as it is. Undefined: nothing does. */
export function changedFields<State extends object>(
  before: State,
  after: State,
): { before: Partial<State>; after: Partial<State> } | undefined {
  const names = Object.keys(after) as (keyof State)[];
  const changed = names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
  if (changed.length === 0) return undefined;
  const pick = (state: State) =>
    Object.fromEntries(changed.map((name) => [name, state[name]])) as Partial<State>;
  return { before: pick(before), after: pick(after) };
}
