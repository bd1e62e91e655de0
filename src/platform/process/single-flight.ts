/**
 * Who asks while the same question is under way waits for that answer: a crowd asks the database once, and nothing is
 * remembered beyond it. The answer may have been read just before the last of them asked.
 */
export function singleFlight<Answer>(
  ask: (key: string) => Promise<Answer>,
): (key: string) => Promise<Answer> {
  const underWay = new Map<string, Promise<Answer>>();
  return (key) => {
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const asked = ask(key).finally(() => underWay.delete(key));
    underWay.set(key, asked);
    return asked;
  };
}
