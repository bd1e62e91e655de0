/**
 * One row of a table of states: the operation `by` moves rows from one state to another. `from: null`: it makes new rows.
 */
export type Transition<State extends string, By extends string = string> = {
  from: State | null;
  to: State;
  by: By;
};

/** The states that an operation moves rows from, for the `where` of its SQL. */
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
