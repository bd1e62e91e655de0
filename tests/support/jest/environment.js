/** No sandbox: test files run among the globals of the worker itself. */
export default class PlainEnvironment {
  global = globalThis;
  /** Nothing is mocked; Jest needs an object to reset at the end of a file. */
  moduleMocker = { restoreAllMocks() {} };
  #exit = process.exit;

  async setup() {}

  async teardown() {
    // Jest wraps it for every file anew.
    process.exit = this.#exit;
  }

  getVmContext() {
    return null;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }
}
