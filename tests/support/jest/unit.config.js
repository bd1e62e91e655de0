import { chooseTests } from './select-tests.js';

/** For `npm run test:unit`, on the Node that runs it: those of test:quick that use no database, so that none is started. */
export default {
  ...chooseTests(({ startsProcess, usesDatabase, isSlow }) => !startsProcess && !usesDatabase && !isSlow),
  globalSetup: '<rootDir>/tests/support/jest/choose-seed.js',
  globalTeardown: undefined,
};
