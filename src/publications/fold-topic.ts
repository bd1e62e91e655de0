/** Topics are the same whatever their case; as `folded_topic` of the database has it. */
export function foldTopic(topic: string): string {
  return topic.normalize('NFC').trim().toLowerCase();
}
