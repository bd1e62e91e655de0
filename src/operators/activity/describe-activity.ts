import type { OperatorWords } from '../../platform/text/translations.js';
import type { NamedActivity, RecordedActor } from './activity.js';
import { activityDetails } from './activity-details.js';

/** What a change was, for operators: one sentence with who made it. */
export function describeActivity(
  activity: NamedActivity,
  words: OperatorWords,
  formatTime: (at: Date) => string,
): string {
  const { variant, ...values } = activityDetails(activity, formatTime);
  const key = variant === undefined ? activity.kind : `${activity.kind}.${variant}`;
  const { subjectType, subjectName } = activity;
  return words(`activity.${key}`, {
    who: describeActor(activity.actor, words),
    name:
      subjectName === null
        ? words(`activity.unnamed.${subjectType}`)
        : words('activity.named', { subjectName }),
    ...values,
  });
}

/** As a sentence begins with it. */
export function describeActor({ kind, name }: RecordedActor, words: OperatorWords): string {
  if (kind !== 'operator' && kind !== 'token') return words(`activity.who.${kind}`);
  return name === null ? words(`activity.who.unnamed-${kind}`) : words(`activity.who.${kind}`, { name });
}
