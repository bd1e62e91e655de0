import type { Refusal } from '../../../../events/providers/hook.js';
import type { ListedHook, TestBounce } from '../../../../events/providers/reads.js';
import { SIMULATED_BOUNCE } from '../../../../events/providers/ses.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../platform/durations.js';
import { saysUnverified } from '../../../../platform/mail/classify/bounce-rules.js';
import { normalizedText } from '../../../../platform/mail/classify/parse-reply.js';
import { countNoun } from '../../../../platform/text/count-noun.js';
import { redactAddresses } from '../../../../platform/text/redact.js';

export type HookState = { sentence: string; mark: 'good' | 'warn' | 'wait' };

/** How a hook stands, in one sentence. */
export function describeState({ provider, state, lastEventAt }: ListedHook, now: Date): HookState {
  const isAmazon = provider === 'ses';
  if (state === 'ended')
    return {
      mark: 'warn',
      sentence: 'Ended: the topic sends nothing more. Subscribe the address to it again.',
    };
  if (state === 'waiting')
    return { mark: 'wait', sentence: isAmazon ? 'Waiting for Amazon' : 'Waiting for the first event' };
  const last = lastEventAt === null ? 'no event yet' : `last event ${describeAge(lastEventAt, now)}`;
  return { mark: 'good', sentence: `${isAmazon ? 'Confirmed' : 'Works'}, ${last}` };
}

/** `2 min ago` */
function describeAge(at: Date, now: Date): string {
  const age = now.getTime() - at.getTime();
  if (age < MINUTE_MS) return 'just now';
  if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)} min ago`;
  if (age < DAY_MS) return `${Math.floor(age / HOUR_MS)} h ago`;
  return `${countNoun(Math.floor(age / DAY_MS), 'day')} ago`;
}

const REFUSALS: Readonly<Record<Refusal, string>> = {
  'wrong-signature': 'its signature is not one of the key given here. Compare the two',
  'wrong-secret': 'it did not carry the secret. Put the address with the secret into the provider’s settings',
  unsigned: 'it was not signed. Turn signing on at the provider; at Amazon, turn raw message delivery off',
  'token-used': 'its token had been used before',
  'token-old': 'its signature is more than a day old, or this server’s clock is wrong',
  'wrong-certificate': 'its certificate is none of Amazon’s for this topic',
  'certificate-unavailable': 'Amazon’s certificate could not be fetched. Amazon sends it again',
  'confirmation-failed':
    'the topic could not be confirmed at Amazon. Ask Amazon to send the confirmation again',
  'wrong-link': 'the link in it is none with which Amazon confirms this topic',
};

/** What else somebody who sets it up should know. */
export function describeTrouble(
  { refusal, refusedAt, unread, waitingSince }: ListedHook,
  formatTime: (at: Date) => string,
): string[] {
  return [
    ...(refusal === null || refusedAt === null
      ? []
      : [`A request was refused ${formatTime(refusedAt)}: ${REFUSALS[refusal]}. Nothing was changed.`]),
    ...(unread === 0
      ? []
      : [
          `${countNoun(unread, 'event')} of the last 30 days could not be read. They are kept, and changed nothing; the server’s log names them (hook.unread).`,
        ]),
    ...(waitingSince === null
      ? []
      : [
          `What came ${formatTime(waitingSince)} is stored and not recorded yet. A running worker tries again within minutes.`,
        ]),
  ];
}

/** What became of a test bounce; what Amazon refuses is named. */
export function describeTestBounce({ state, answer, updatedAt }: TestBounce, now: Date): string {
  const age = describeAge(updatedAt, now);
  const words = redactAddresses(answer ?? '');
  switch (state) {
    case 'queued':
    case 'sending':
      return 'The test is on its way. Look again in a moment.';
    case 'accepted':
      return `Amazon took the test ${age}, and has not told of its bounce yet. That takes seconds; after some minutes, look whether bounces are published to this topic.`;
    case 'uncertain':
      return `It is not known whether Amazon took the test ${age}: ${words}`;
    case 'returned':
      return `The test bounced and was heard of ${age}: bounces come in.`;
    case 'failed':
      return describeFailedTest(words);
  }
}

function describeFailedTest(words: string): string {
  if (!saysUnverified(normalizedText(words))) return `The test was not sent: ${words}`;
  return `Amazon refused the test: the sender’s address or domain is not verified in this region. Verify it in the console of SES, under Identities. While your account is in Amazon’s sandbox, readers’ addresses would have to be verified too: ask Amazon for production access. Its words: ${words}`;
}

/** What is explained beside the button. */
export const TEST_BOUNCE_HELP = `One mail goes to ${SIMULATED_BOUNCE}, which always bounces. It counts as no bounce at Amazon.`;
