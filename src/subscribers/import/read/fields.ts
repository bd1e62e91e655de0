/** What a column may be taken for. `old-id` and `old-key` are what links in mails of the old product name her by; `is-subscribed` and `has-left` say yes or no; `status` says it in a word. */
export const fields = [
  'ignore',
  'email',
  'language',
  'timezone',
  'cadence',
  'topics',
  'joined',
  'confirmed',
  'status',
  'is-subscribed',
  'has-left',
  'left',
  'reason',
  'source',
  'old-id',
  'old-key',
] as const;
export type Field = (typeof fields)[number];

/** Of these there may be several columns: of statuses the strictest counts, of topics all. */
const REPEATABLE: ReadonlySet<Field> = new Set(['ignore', 'status', 'is-subscribed', 'has-left', 'topics']);

/** Products whose exports are known. */
export const presets = [
  'substack',
  'mailchimp',
  'ghost',
  'beehiiv',
  'kit',
  'buttondown',
  'listmonk',
  'mailpoet',
  'jetpack',
  'keila',
  'plain',
] as const;
export type Preset = (typeof presets)[number];

/** Who is in a file: readers, people who left, addresses that cannot be reached, or all of them, told apart by a column. */
export const fileKinds = ['subscribed', 'unsubscribed', 'cleaned', 'mixed'] as const;
export type FileKind = (typeof fileKinds)[number];

/** What is wrong with a choice of columns; undefined: nothing. */
export function columnsMistake(
  columns: readonly Field[],
): { mistake: 'no-email-column' } | { mistake: 'chosen-twice'; field: Field } | undefined {
  if (!columns.includes('email')) return { mistake: 'no-email-column' };
  const twice = columns.find((field, at) => !REPEATABLE.has(field) && columns.indexOf(field) !== at);
  return twice === undefined ? undefined : { mistake: 'chosen-twice', field: twice };
}
