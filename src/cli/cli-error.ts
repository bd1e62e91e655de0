import { UserFacingError } from '../platform/user-facing-error.js';

/** A command that fails, with the reason for the person at the terminal. */
export class CliError extends UserFacingError {
  /** @param exitCode 1: it failed; 2: wrong usage */
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}
