const camelNames = new Map<string, string>();

/** A row with its column names in camelCase (`next_due_at` -> `nextDueAt`). Values are not touched. */
export function camelCaseRow(row: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const column in row) result[toCamelCase(column)] = row[column];
  return result;
}

function toCamelCase(column: string): string {
  let name = camelNames.get(column);
  if (name === undefined) {
    name = column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    camelNames.set(column, name);
  }
  return name;
}
