// What `@jest/globals` is in test files and what they import: always that of the file being run.
export let afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test;

export function setGlobals(current) {
  ({ afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } = current);
  jest = {
    setTimeout: (milliseconds) => void (globalThis[Symbol.for('TEST_TIMEOUT_SYMBOL')] = milliseconds),
  };
}
