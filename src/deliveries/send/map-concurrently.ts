/**
 * Does the work for each item, at most `width` at a time, and answers the results in order. When one fails no more are
 * begun, and it fails only after all that were begun have ended: nothing goes on behind the back of its caller.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const rest = items.entries();
  let hasFailed = false;
  const lane = async () => {
    for (const [at, item] of rest) {
      if (hasFailed) return;
      results[at] = await work(item);
    }
  };
  const fail = (error: unknown) => {
    hasFailed = true;
    throw error;
  };
  const lanes = Array.from({ length: Math.min(width, items.length) }, () => lane().catch(fail));
  await Promise.allSettled(lanes);
  await Promise.all(lanes);
  return results;
}
