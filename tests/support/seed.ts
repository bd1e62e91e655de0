import fc from 'fast-check';

/** What chance begins with in every test that asks it. */
export const seed = Number(process.env['RANDOM_SEED']);

fc.configureGlobal({ seed });
