// Stands for `@jest/globals` in test files and in what they import; the values are those of the file that is running.
export let afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test;

export function setGlobals(current) {
  ({ afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } = current);
  jest = {
    setTimeout: (milliseconds) => void (globalThis[Symbol.for('TEST_TIMEOUT_SYMBOL')] = milliseconds),
  };
}
