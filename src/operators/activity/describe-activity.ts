import type { OperatorWords } from '../../platform/text/translations.js';
import type { NamedActivity, RecordedActor } from './activity.js';
import { activityDetails } from './activity-details.js';

/**
 * What a change was, for operators: one sentence with who made it.
 * @param nameField what a field is called; as programs call it when absent
 */
export function describeActivity(
  activity: NamedActivity,
  words: OperatorWords,
  formatTime: (at: Date) => string,
  nameField: (name: string) => string = (name) => name,
): string {
  const { variant, ...values } = activityDetails(activity, { formatTime, nameField });
  const key = variant === undefined ? activity.kind : `${activity.kind}.${variant}`;
  const name = describeSubject(activity, words);
  return words(`activity.${key}`, {
    who: describeActor(activity.actor, words),
    name,
    Name: name.slice(0, 1).toUpperCase() + name.slice(1),
    ...values,
  });
}

/** Who it was, as a sentence begins. */
function describeActor({ kind, name }: RecordedActor, words: OperatorWords): string {
  if (kind !== 'operator' && kind !== 'token') return words(`activity.who.${kind}`);
  return name === null ? words(`activity.who.unnamed-${kind}`) : words(`activity.who.${kind}`, { name });
}

function describeSubject({ subjectType, subjectName }: NamedActivity, words: OperatorWords): string {
  if (subjectName === null) return words(`activity.unnamed.${subjectType}`);
  const type = NAMED.has(subjectType) ? subjectType : 'other';
  return words(`activity.named.${type}`, { subjectName });
}

/** Others have no names of their own. */
const NAMED: ReadonlySet<string> = new Set(['publication', 'feed', 'article', 'digest', 'operator', 'token']);
