const names = new Map<string, string>();

/** A row with its column names in camelCase (`next_due_at` -> `nextDueAt`). Our only magic. */
export function camelRow(row: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const column in row) result[camelName(column)] = row[column];
  return result;
}

function camelName(column: string): string {
  let name = names.get(column);
  if (name === undefined) {
    name = column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    names.set(column, name);
  }
  return name;
}
