import type { PasswordMistake } from '../../../operators/credentials/password-rules.js';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../../../operators/credentials/password-rules.js';

/** What is wrong with a password that somebody chose, and what to do. */
export function describePasswordMistake(mistake: PasswordMistake): string {
  switch (mistake) {
    case 'too-short':
      return `A password has at least ${MIN_PASSWORD_LENGTH} characters. Three or four words that do not belong together make a good one.`;
    case 'too-long':
      return `A password has at most ${MAX_PASSWORD_LENGTH} characters.`;
    case 'well-known':
      return 'This is among the passwords that are tried first: well-known ones, rows of keys or digits, your address, or our name. Three or four words that do not belong together make a good one.';
  }
}
