import { digestName } from '../../digests/display-name.js';
import type { AlertContent, AlertTextContext, CauseOf } from './content.js';

/** A digest of which much came back. */
export function describeMuchReturned(
  { digest, shares: { handedOver, bounced, complained } }: CauseOf<'much-returned'>,
  { publication, t, words }: AlertTextContext,
): AlertContent {
  const share = (events: number) => `${((100 * events) / Math.max(handedOver, 1)).toFixed(1)} %`;
  const isGoing = digest.state === 'sending';
  return {
    subject: t('returned.subject', { publication: publication.name }),
    title: t('returned.title'),
    says: [
      t('returned.what', { digest: digestName(digest, digest.subject, words), count: handedOver }),
      ...(bounced === 0 ? [] : [t('returned.bounced', { count: bounced, share: share(bounced) })]),
      ...(complained === 0
        ? []
        : [t('returned.complained', { count: complained, share: share(complained) })]),
      t('returned.mail'),
    ],
    reason: null,
    choices: [...(isGoing ? [t('returned.pause')] : []), t('returned.find')],
    path: `/operator/digests/${digest.id}`,
    button: t('look'),
    commands: [
      ...(isGoing ? [`npx paperround digest pause ${digest.id}`] : []),
      `npx paperround digest show ${digest.id}`,
    ],
  };
}
