/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  globalSetup: '<rootDir>/tests/support/jest/global-setup.js',
  globalTeardown: '<rootDir>/tests/support/jest/global-teardown.js',
  reporters: ['default', '<rootDir>/tests/support/jest/summary-reporter.js'],
  maxWorkers: 2,
  // What a module of one file leaves behind, the next files carry: a worker that grew to this begins anew.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 60_000,
};
