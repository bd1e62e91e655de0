import type { Forecast } from '../../../deliveries/plan/forecast.js';
import { NOT_LIVE, sendOperatorDigest } from '../../../deliveries/plan/operator-digest.js';
import type { DigestOrder } from '../../../digests/digest.js';
import { answerOnce, isIdempotencyKey } from '../../../operators/idempotency-keys.js';
import { findIdempotencyKey } from '../../../operators/reads.js';
import type { Context } from '../../../platform/context.js';
import type { Db } from '../../../platform/db/database.js';
import { CliError } from '../../cli-error.js';

export type SentDigest = { id: string } & Forecast;

export const NOBODY_DUE = 'Nobody is due anything. No digest was made.';

type Order = Partial<DigestOrder> & { sendAt?: Date | undefined };

/** Whether a digest was ordered with this key within the last day: then nothing is asked. */
export async function isKnownKey({ db }: Pick<Context, 'db'>, key: string | undefined): Promise<boolean> {
  if (key === undefined) return false;
  if (!isIdempotencyKey(key))
    throw new CliError('Nothing was sent. --idempotency-key is 1 to 255 visible ASCII characters.', 2);
  return (await findIdempotencyKey(db, null, key)) !== undefined;
}

/** Orders a digest; with a key the first time only, and answers the same each time. */
export async function sendOnce(
  context: Context,
  publicationId: string,
  order: Order,
  key: string | undefined,
): Promise<SentDigest> {
  const send = async (db: Db): Promise<SentDigest> => {
    const sent = await sendOperatorDigest({ ...context, db }, publicationId, order);
    if (sent.kind === 'nobody-due') throw new CliError(NOBODY_DUE);
    if (sent.kind === 'not-live') throw new CliError(NOT_LIVE);
    return { id: sent.digestId, ...sent.forecast };
  };
  if (key === undefined) return send(context.db);
  const request = `digest send ${publicationId}\n${JSON.stringify(order)}`;
  const answered = await answerOnce(context, { tokenId: null, key, request }, async (db) => ({
    kind: 'response',
    response: { status: 201, body: await send(db) },
  }));
  if (answered.kind === 'response') return answered.response.body as SentDigest;
  throw answered.kind === 'other-request'
    ? new CliError('Nothing was sent. This --idempotency-key was used for another digest.', 2)
    : new CliError('Nothing was sent. Another run with this --idempotency-key is not finished yet.');
}
