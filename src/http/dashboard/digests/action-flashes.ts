import { describeRefusal, digestActions, type Refusal } from '../../../digests/transition.js';
import type { Context } from '../../../platform/context.js';
import { findFlash } from '../frame/flash.js';
import { onceFlashes } from '../frame/once.js';
import { circuitFlashes } from '../health/circuit-routes.js';

/** Why a button that sends does nothing. */
export const NO_ADDRESS =
  'Nothing was sent: the newsletter has no postal address, which the law of many countries asks for in newsletters. Add one first.';

const flashes: Record<string, string> = {
  ...circuitFlashes,
  ...onceFlashes,
  ordered: 'The digest is on its way. The numbers below fill as mail servers answer.',
  scheduled: 'It goes then. Until it goes you can hold it, or choose another time.',
  approve: 'It goes. Its readers are mailed as each is due.',
  'approve-stopped': NO_ADDRESS,
  hold: 'Held. Nobody gets it until you let it go.',
  reschedule: 'It goes at the new time.',
  pause: 'Paused. Within two seconds nothing more is handed over; who was not sent it waits.',
  resume: 'Resumed. Who was not sent it yet is sent it now.',
  cancel: 'Cancelled. Nobody else is sent it.',
  retry: 'What failed is being tried again. The numbers below change as mail servers answer.',
  'retry-nothing': 'Nothing of it failed that may be tried again. Nothing was changed.',
  resolve: 'The unclear mails are settled as you said.',
  'resolve-nothing': 'No such mail of it is unclear any more. Nothing was changed.',
};

/** What a digest's page says after a button, by the query `done`. */
export function actionFlash(
  { templates }: Pick<Context, 'templates'>,
  done: unknown,
  digest: Refusal,
): string | null {
  if (typeof done !== 'string') return null;
  const refused = digestActions.find((action) => done === `${action}-refused`);
  if (refused !== undefined) return describeRefusal(refused, digest, templates.operatorWords);
  return findFlash(flashes, done);
}
