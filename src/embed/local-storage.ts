/**
 * All that we store in a reader's browser, on the publisher's own site, and never a cookie:
 * `nl-read` how many articles she has opened, and the path of the last;
 * `nl-asked` how often the prompt came, and when last;
 * `nl-off` why it never comes again: `known` (a reader of the newsletter) or `no` (she said so).
 */
type StorageKey = 'nl-read' | 'nl-asked' | 'nl-off';

/** Empty when nothing is stored; undefined where the browser refuses us its storage. */
export function readItem(key: StorageKey): string | undefined {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return undefined;
  }
}

/** False where the browser refuses us its storage. */
export function storeItem(key: StorageKey, value: string): boolean {
  try {
    localStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}
