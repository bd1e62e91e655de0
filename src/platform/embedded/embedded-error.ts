/** A failure a person has to read: says what happened, what was done with the data, and what to do now. */
export class EmbeddedError extends Error {
  override name = 'EmbeddedError';
}
