const READ_ONLY = 'This Redis is a read-only copy. REDIS_URL has to name the one that it is copied from.';

/**
 * What a Redis that can be reached says when it takes nothing, by the word that begins its error, and what can be done.
 * https://redis.io/docs/latest/develop/reference/protocol-spec/ (simple errors), redis.conf
 */
const REFUSALS: Readonly<Record<string, string>> = {
  OOM: 'Redis is full. Give it more memory (maxmemory), or take out what else is in it.',
  READONLY: READ_ONLY,
  // To who waited for a job when it became one.
  UNBLOCKED: READ_ONLY,
  MISCONF: 'Redis cannot save its data to its disk, and takes nothing until it can. Its own log says why.',
  NOREPLICAS: 'Redis has fewer copies of itself than it wants (min-replicas-to-write), and takes nothing.',
  LOADING: 'Redis is still loading its data.',
  NOAUTH: 'Redis wants a password. REDIS_URL has to name it.',
  WRONGPASS: 'Redis does not accept the user or password in REDIS_URL.',
  NOPERM: 'The user in REDIS_URL may not do in Redis what the queue needs.',
};

/** The word may stand behind others where a script failed. */
const REFUSAL_PATTERN = new RegExp(`(?:^|[\\s-])(${Object.keys(REFUSALS).join('|')})\\b`);

/** An error of Redis in our words, with itself as its cause; any other as it is. */
export function explainRedisFault(error: unknown): unknown {
  const messages = [error, ...previousErrors(error)].map((one) => (one instanceof Error ? one.message : ''));
  const refusal = messages
    .map((message) => REFUSAL_PATTERN.exec(message)?.[1])
    .find((word) => word !== undefined);
  const sentence = refusal === undefined ? undefined : REFUSALS[refusal];
  return sentence === undefined ? error : new Error(sentence, { cause: error });
}

/** Those of the commands of a transaction that was given up because of them. */
function previousErrors(error: unknown): unknown[] {
  const { previousErrors: errors } = (error ?? {}) as { previousErrors?: unknown };
  return Array.isArray(errors) ? errors : [];
}
