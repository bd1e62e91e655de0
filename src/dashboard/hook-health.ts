import { providerNames } from '../platform/mail/smtp/providers.js';
import type { ListedHook } from '../events/providers/reads.js';
import { MINUTE_MS } from '../platform/durations.js';
import { countNoun } from '../platform/text/count-noun.js';

/** A worker records within minutes what a web process left. */
const MAX_UNRECORDED_MS = 10 * MINUTE_MS;

/** Whether what a provider tells does not come in as it should. Refused requests are none of it: any stranger can send some. */
export function hasHookTrouble(hook: ListedHook, now: Date): boolean {
  return hook.state === 'ended' || hook.unread > 0 || isUnrecorded(hook, now);
}

/** One hook, for an operator's eyes. */
export function describeHook(
  hook: ListedHook,
  { now, formatTime }: { now: Date; formatTime: (moment: Date) => string },
) {
  const { provider, state, lastEventAt, unread } = hook;
  const title = `What ${providerNames[provider]} tells`;
  const last =
    lastEventAt === null ? 'Nothing has come yet.' : `The last event came ${formatTime(lastEventAt)}.`;
  if (!hasHookTrouble(hook, now))
    return { title, isWell: true, says: [last], readers: null, todo: [], commands: [] };
  return {
    title,
    isWell: false,
    says: [
      last,
      ...(state === 'ended' ? ['The topic sends nothing more.'] : []),
      ...(unread > 0 ? [`${countNoun(unread, 'event')} of the last 30 days could not be read.`] : []),
      ...(isUnrecorded(hook, now) ? ['What came is stored, and could not be recorded yet.'] : []),
    ],
    readers: 'Whose address bounces after her provider had taken the mail may be mailed again.',
    todo: [
      state === 'ended'
        ? 'Have an administrator subscribe the address to the topic again.'
        : 'Ask whoever runs the server to look at its log: it names what could not be read or recorded.',
    ],
    commands: [],
  };
}

function isUnrecorded({ waitingSince }: ListedHook, now: Date): boolean {
  return waitingSince !== null && now.getTime() - waitingSince.getTime() > MAX_UNRECORDED_MS;
}
