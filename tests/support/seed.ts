import fc from 'fast-check';

/** The seed of every property test. */
export const seed = Number(process.env['RANDOM_SEED']);

fc.configureGlobal({ seed });
