import type { Context } from '../../platform/context.js';
import type { ReturnPathVerification } from '../../platform/crypto/return-path.js';
import type { IncomingEvent } from '../event.js';

type Claims = Extract<ReturnPathVerification, { sentAt: Date }>['claims'];

/** What an event says it is about, where a MAC proves that it is ours. */
export type Candidates = {
  returnPath: { claims: Claims; isOver: boolean } | undefined;
  /** Of our signed Message-IDs: a digest and a subscription, or a publication and a notice. */
  messageIds: readonly { scope: string; subject: string }[];
};

/** A report quotes one mail, and a digest of reports a few; more are not looked at. */
const MAX_MESSAGE_IDS = 20;

/** Reads what is signed; what is not ours is left out. */
export function readCandidates(
  { links }: Pick<Context, 'links'>,
  { match }: Pick<IncomingEvent, 'match'>,
  now: Date,
): Candidates {
  const path =
    match.returnPath === undefined ? undefined : links.verifyReturnPath(localPart(match.returnPath), now);
  const messageIds = match.messageIds.slice(0, MAX_MESSAGE_IDS).flatMap((id) => {
    const verified = links.verify('message', localPart(id), now);
    return verified.kind === 'invalid' ? [] : [{ scope: verified.scope, subject: verified.subject }];
  });
  return {
    returnPath:
      path === undefined || path.kind === 'invalid'
        ? undefined
        : { claims: path.claims, isOver: path.kind === 'expired' },
    messageIds,
  };
}

/** What stands before the @, without angle brackets. */
function localPart(text: string): string {
  return text
    .trim()
    .replace(/^</, '')
    .replace(/[@>].*$/s, '');
}
