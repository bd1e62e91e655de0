import type { RegisteredTransport } from '../transport.js';

type Candidate = Pick<RegisteredTransport, 'id'> & { readonly limits: { readonly weight: number } };

/** How much each server is owed, by id. Never written to: every choice makes new ones. */
export type RoundRobinState = ReadonlyMap<number, number>;

/**
 * The server whose turn it is among those that may be used now, and whose turns come next. Each is owed its weight at every
 * choice and pays for all when it is chosen: in the long run the shares are the weights, and in the short run they take
 * turns instead of going in blocks. Who cannot be chosen is neither owed nor charged. Undefined: there is none.
 */
export function chooseTransport<Transport extends Candidate>(
  candidates: readonly Transport[],
  turns: RoundRobinState,
): { chosen: Transport; turns: RoundRobinState } | undefined {
  const owed = candidates.map(({ id, limits }) => (turns.get(id) ?? 0) + limits.weight);
  const chosen = candidates[owed.indexOf(Math.max(...owed))];
  if (chosen === undefined) return undefined;
  const price = totalWeight(candidates);
  const next = new Map(turns);
  for (const [at, { id }] of candidates.entries()) {
    next.set(id, (owed[at] ?? 0) - (id === chosen.id ? price : 0));
  }
  return { chosen, turns: next };
}

/** So many choices hold every server's share nearly exactly, whatever its weight is. */
const MAX_INITIAL_SKIPS = 1_000;

/**
 * Where a worker begins: anywhere among many choices, so that many short runs are as fair as one long run.
 * @param random from 0 to 1
 */
export function initialRoundRobinState(transports: readonly Candidate[], random: number): RoundRobinState {
  let turns: RoundRobinState = new Map();
  for (let skip = Math.floor(random * MAX_INITIAL_SKIPS); skip > 0; skip -= 1) {
    turns = chooseTransport(transports, turns)?.turns ?? turns;
  }
  return turns;
}

function totalWeight(transports: readonly Candidate[]): number {
  return transports.reduce((sum, { limits }) => sum + limits.weight, 0);
}
