/** How the code is checked. Which way imports point stands in import-rules.mjs. */
export default {
  plugins: ['typescript', 'import', 'node', 'oxc', 'unicorn'],
  categories: {
    correctness: 'error',
    suspicious: 'error',
  },
  ignorePatterns: ['dist', 'coverage', 'node_modules', 'templates/embed'],
  rules: {
    'import/no-cycle': [
      'error',
      {
        ignoreTypes: false,
      },
    ],
    'import/no-default-export': 'error',
    'import/no-self-import': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': [
      'error',
      {
        checksVoidReturn: false,
      },
    ],
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/consistent-type-imports': 'error',
    'node/no-process-env': 'error',
    eqeqeq: 'error',
    'import/no-named-as-default-member': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'oxc/no-async-endpoint-handlers': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'typescript/consistent-return': 'off',
    'eslint/no-underscore-dangle': 'off',
    'eslint/no-shadow': 'off',
    'eslint/no-new': 'off',
    'typescript/unbound-method': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    'paperround/imports': 'error',
  },
  overrides: [
    {
      files: ['src/cli.ts', 'bin/**', 'tests/**', 'bench/**'],
      rules: {
        'node/no-process-env': 'off',
        'unicorn/no-useless-spread': 'off',
        'typescript/require-array-sort-compare': 'off',
        'typescript/no-unnecessary-type-parameters': 'off',
        'typescript/no-unnecessary-type-conversion': 'off',
      },
    },
    {
      files: ['*.config.{js,mjs}', 'import-rules.mjs', 'tests/**/*.js'],
      rules: {
        'import/no-default-export': 'off',
      },
    },
  ],
  jsPlugins: ['./import-rules.mjs'],
};
