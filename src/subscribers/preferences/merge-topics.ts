/** Which boxes of a form were ticked when it was opened, and which when it was sent. */
export type TopicTicks = { before: readonly string[]; now: readonly string[] };

/**
 * A reader's topics after a form: only what she ticked or unticked in it changes. A form that was open for a week does not
 * undo what changed meanwhile. No topic means every article.
 * @param offered the publication's topics, in its order; those it dropped stay until she unticks them
 */
export function mergeTopics(
  current: readonly string[],
  ticks: TopicTicks,
  offered: readonly string[],
): string[] {
  const added = ticks.now.filter((topic) => !ticks.before.includes(topic));
  const removed = ticks.before.filter((topic) => !ticks.now.includes(topic));
  const wanted = [...current, ...added].filter((topic) => !removed.includes(topic));
  return offeredTopics(current, offered).filter((topic) => wanted.includes(topic));
}

/** The boxes of the form: the publication's topics, and those of the reader's that it has dropped. */
export function offeredTopics(current: readonly string[], offered: readonly string[]): string[] {
  return [...new Set([...offered, ...current])];
}
