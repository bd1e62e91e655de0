/**
 * Calls for a key share the result of a call for the same key that is not finished yet, so that many requests at once read the
 * database once. Nothing is cached afterwards. A result may have been read shortly before the call that gets it.
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
