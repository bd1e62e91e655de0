import { UserFacingError } from '../platform/user-facing-error.js';

/** A command that does not do what was asked, and says why. */
export class CliError extends UserFacingError {
  /** @param exitCode 1 failed, 2 misuse */
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}
