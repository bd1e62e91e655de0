import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import { isUnderAttack } from '../../../subscribers/attack/attack.js';
import { readFormTime, sealFormTime } from './form-time.js';
import { readFormOptions, type FormOptions, type ChosenOptions } from './form-options.js';

/** What forms on our own pages have, and forms on other people's cannot: when they were made, and whether work is asked for. */
export type HostedFormOptions = FormOptions & { formTime: string; underAttack: boolean };

/** @param sent the hidden field `form` of a form that comes back to her: her time goes on, it does not begin anew */
export async function readHostedFormOptions(
  context: Pick<Context, 'db' | 'now' | 'links' | 'templates'>,
  publication: Publication,
  { wishes, sent }: { wishes?: ChosenOptions | undefined; sent?: string | undefined } = {},
): Promise<HostedFormOptions> {
  const isOurs = readFormTime(context, publication, sent) !== undefined;
  return {
    ...(await readFormOptions(context, publication, wishes)),
    formTime: isOurs && sent !== undefined ? sent : sealFormTime(context, publication),
    underAttack: await isUnderAttack(context, publication.id),
  };
}
