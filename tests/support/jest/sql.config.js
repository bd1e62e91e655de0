import { chooseTests } from './select-tests.js';

/** For `npm run test:sql`, on the oldest Postgres there may be: those of test:quick that use a database, and the slow ones too. */
export default {
  ...chooseTests(({ startsProcess, usesDatabase }) => !startsProcess && usesDatabase),
  globalSetup: '<rootDir>/tests/support/jest/debian-setup.js',
};
