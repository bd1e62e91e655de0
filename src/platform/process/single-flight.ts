/**
 * Calls for a key while one for the same key is under way share its result: many requests at once read the database
 * once. Nothing is cached afterwards. The result may have been read just before the last of them called.
 */
export function singleFlight<Result>(
  load: (key: string) => Promise<Result>,
): (key: string) => Promise<Result> {
  const underWay = new Map<string, Promise<Result>>();
  return (key) => {
    const shared = underWay.get(key);
    if (shared !== undefined) return shared;
    const loading = load(key).finally(() => underWay.delete(key));
    underWay.set(key, loading);
    return loading;
  };
}
