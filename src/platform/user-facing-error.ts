/** A failure whose message is shown to a person, without a stack: what happened, what became of the data, what to do now. */
export class UserFacingError extends Error {
  override name = 'UserFacingError';
}
