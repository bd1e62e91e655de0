import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { isUnderAttack } from '../../subscribers/attack.js';
import { readFormTime, sealFormTime } from './form-time.js';
import { signUpOffer, type SignUpOffer, type Wishes } from './sign-up-offer.js';

/** What forms on our own pages have, and forms on other people's cannot: when they were made, and whether work is asked for. */
export type OwnOffer = SignUpOffer & { formTime: string; underAttack: boolean };

/** @param sent the hidden field `form` of a form that comes back to her: her time goes on, it does not begin anew */
export async function ownOffer(
  context: Pick<Context, 'db' | 'now' | 'links' | 'templates'>,
  publication: Publication,
  { wishes, sent }: { wishes?: Wishes | undefined; sent?: string | undefined } = {},
): Promise<OwnOffer> {
  const isOurs = readFormTime(context, publication, sent) !== undefined;
  return {
    ...(await signUpOffer(context, publication, wishes)),
    formTime: isOurs && sent !== undefined ? sent : sealFormTime(context, publication),
    underAttack: await isUnderAttack(context, publication.id),
  };
}
