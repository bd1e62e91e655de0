import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import { readFormTime, sealFormTime } from '../../../subscribers/sign-up/form-time.js';
import { readFormOptions, type FormOptions, type ChosenOptions } from './form-options.js';
import { isUnderAttack } from '../../../subscribers/attack/is-under-attack.js';

/** What sign-up forms on our own pages have: also when the page was made, and whether it asks for proof of work. */
export type HostedFormOptions = FormOptions & { formTime: string; underAttack: boolean };

/**
 * @param chosen what she had chosen in a form that is shown again
 * @param formTime the hidden field `form` of a form that is shown again: used while it is valid, so that the time she takes
 * counts from the first page
 */
export async function readHostedFormOptions(
  context: Pick<Context, 'db' | 'now' | 'links' | 'templates'>,
  publication: Publication,
  { chosen, formTime }: { chosen?: ChosenOptions | undefined; formTime?: string | undefined } = {},
): Promise<HostedFormOptions> {
  const isValid = readFormTime(context, publication, formTime) !== undefined;
  return {
    ...(await readFormOptions(context, publication, chosen)),
    formTime: isValid && formTime !== undefined ? formTime : sealFormTime(context, publication),
    underAttack: await isUnderAttack(context, publication.id),
  };
}
