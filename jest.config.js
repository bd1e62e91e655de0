/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/tests/support/jest/environment.js',
  testRunner: '<rootDir>/tests/support/jest/runner.js',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  injectGlobals: false,
  globalSetup: '<rootDir>/tests/support/jest/global-setup.js',
  globalTeardown: '<rootDir>/tests/support/jest/global-teardown.js',
  setupFilesAfterEnv: ['<rootDir>/tests/support/seed.ts'],
  reporters: ['default', '<rootDir>/tests/support/jest/summary-reporter.js'],
  testSequencer: '<rootDir>/tests/support/jest/sequencer.js',
  maxWorkers: 2,
  // What a module of one file leaves behind, the next files carry: a worker that grew to this begins anew.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 120_000,
};
