/**
 * What a page says after a form was sent, by the word that its URL carries.
 * @param done the query `done`, as it came
 */
export function findFlash(flashes: Readonly<Record<string, string>>, done: unknown): string | null {
  return (typeof done === 'string' && Object.hasOwn(flashes, done) && flashes[done]) || null;
}
