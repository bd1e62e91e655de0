import type { Context } from '../platform/context.js';
import { forgetAttacks } from './attack.js';
import { countUsualForms, listBusySpans, listCalledOff, type Span } from './attack-reads.js';
import { attackIn, LEAST_FORMS } from './attack-signs.js';
import { beginAttack, endCalmAttacks, forgetProofs, type NewAttack } from './attack-writes.js';

const SPAN_MS = 10 * 60_000;
const DAY_MS = 24 * 3600 * 1000;
const USUAL_MS = 14 * DAY_MS;
/** After so long without a sign of it, an attack is over. */
const CALM_MS = 30 * 60_000;
/** So long it does not begin again by itself where an operator ended it. */
const CALLED_OFF_MS = DAY_MS;

type WatchContext = Pick<Context, 'db' | 'now'>;

/** Looks at the last minutes' forms: attacks begin, go on, and end. */
export async function watchSignUps(context: WatchContext): Promise<void> {
  const { db } = context;
  const now = context.now();
  const calledOff = await listCalledOff(db, new Date(now.getTime() - CALLED_OFF_MS));
  // The span that runs, and the one before it: an attack that began a minute ago is seen, one that ended too for a while.
  const since = new Date(now.getTime() - 2 * SPAN_MS);
  const spans = (await listBusySpans(db, since, LEAST_FORMS)).filter(
    ({ publicationId }) => !calledOff.includes(publicationId),
  );
  const seen = (await Promise.all(spans.map((span) => judge(context, span, now)))).flat();
  await db.transaction(async (tx) => {
    for (const attack of seen) await beginAttack(tx, attack, now);
    await endCalmAttacks(tx, new Date(now.getTime() - CALM_MS), now);
    await forgetProofs(tx, now);
  });
  forgetAttacks(context);
}

async function judge({ db }: WatchContext, span: Span, now: Date): Promise<NewAttack[]> {
  const { publicationId, forms, refused } = span;
  const [from, to] = [new Date(now.getTime() - USUAL_MS), new Date(span.beganAt.getTime())];
  const usual = (await countUsualForms(db, publicationId, { from, to })) / (USUAL_MS / SPAN_MS);
  const cause = attackIn({ forms, refused, usual });
  return cause === undefined ? [] : [{ publicationId, cause, forms, refused, usual }];
}
