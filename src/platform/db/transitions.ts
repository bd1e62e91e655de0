/**
 * One row of a table of states: who moves what from which state to which. `from: null`: it is made so.
 * `by` names the operation that does it.
 */
export type Transition<State extends string, By extends string = string> = {
  from: State | null;
  to: State;
  by: By;
};

/** The states that an operation takes rows from: what its SQL has in its `where`. */
export function statesBefore<State extends string, By extends string>(
  table: readonly Transition<State, By>[],
  by: By,
): State[] {
  const states = table.flatMap((row) => (row.by === by && row.from !== null ? [row.from] : []));
  return [...new Set(states)];
}

/** Every state that the table names, in its order. */
export function statesIn<State extends string>(table: readonly Transition<State>[]): State[] {
  return [...new Set(table.flatMap(({ from, to }) => (from === null ? [to] : [from, to])))];
}
