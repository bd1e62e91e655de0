/** A failure a person has to read: says what happened, what was done with the data, and what to do now. No stack. */
export class UserFacingError extends Error {
  override name = 'UserFacingError';
}
