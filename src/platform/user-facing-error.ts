/**
 * An error whose message is shown to a person, without a stack. It says what happened, what became of the data, and what
 * to do.
 */
export class UserFacingError extends Error {
  override name = 'UserFacingError';
}
