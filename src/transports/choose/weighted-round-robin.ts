import type { RegisteredTransport } from '../transport.js';

type Candidate = Pick<RegisteredTransport, 'id'> & { readonly limits: { readonly weight: number } };

/** How much each server is owed, by id. Immutable: every choice makes a new one. */
export type RoundRobinState = ReadonlyMap<number, number>;

/**
 * The server whose turn it is among those that may be used now, and the state for the next choice: smooth weighted round
 * robin, as in nginx (https://github.com/phusion/nginx/commit/27e94984486058d73157038f7950a0a36ecc6e35). At each choice a
 * candidate is owed its weight, and the chosen one pays the total: shares are the weights in the long run, and servers
 * alternate in the short run. A server that is no candidate is neither owed nor charged. Undefined: no candidates.
 */
export function chooseTransport<Transport extends Candidate>(
  candidates: readonly Transport[],
  turns: RoundRobinState,
): { chosen: Transport; turns: RoundRobinState } | undefined {
  const owed = candidates.map(({ id, limits }) => (turns.get(id) ?? 0) + limits.weight);
  const chosen = candidates[owed.indexOf(Math.max(...owed))];
  if (chosen === undefined) return undefined;
  const total = totalWeight(candidates);
  const next = new Map(turns);
  for (const [index, { id }] of candidates.entries()) {
    next.set(id, (owed[index] ?? 0) - (id === chosen.id ? total : 0));
  }
  return { chosen, turns: next };
}

/** Within so many choices every server has its share nearly exactly, whatever its weight is. */
const MAX_INITIAL_SKIPS = 1_000;

/**
 * Where a worker begins: anywhere among many choices, so that the shares hold over many short runs as over one long run.
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
