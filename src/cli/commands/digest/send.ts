import { areReleased } from '../../../articles/reads.js';
import { describeMissingWorker } from '../../../dashboard/missing-worker.js';
import { sendOperatorDigest } from '../../../deliveries/plan/operator-digest.js';
import { operatorTextSchema } from '../../../digests/digest.js';
import { listDigests } from '../../../digests/reads.js';
import type { Config } from '../../../platform/config.js';
import type { Context } from '../../../platform/context.js';
import { HOUR_MS, MINUTE_MS } from '../../../platform/durations.js';
import type { Publication } from '../../../publications/publication.js';
import { choosePublication } from '../../choose-publication.js';
import { CliError } from '../../cli-error.js';
import { confirmOrAbort } from '../../confirm-prompt.js';
import { print } from '../../output.js';
import { withContext } from '../../servers.js';
import { countReaders } from './count-readers.js';

export type SendOptions = {
  json?: boolean;
  publication?: string;
  article?: string[];
  again?: boolean;
  subject?: string;
  note?: string;
  at?: Date | undefined;
  yes?: boolean;
};

/** `digest send`. */
export async function sendDigest(config: Config, options: SendOptions): Promise<void> {
  const sent = await withContext(config, async (context) => {
    const publication = await choosePublication(context, options.publication);
    const order = await readOrder(context, publication, options);
    if (options.yes !== true) await confirmIfRepeated(context, publication);
    const result = await sendOperatorDigest(context, publication.id, order);
    return { ...result, warning: await describeMissingWorker(context, (moment) => moment.toISOString()) };
  });
  if (sent.kind === 'nobody-due') throw new CliError('Nobody is due anything. No digest was made.');
  const { warning, digestId, forecast } = sent;
  const { articleIds } = forecast;
  print(options, { id: digestId, ...forecast, ...(warning === undefined ? {} : { warning }) }, [
    `Digest ${digestId}: ${articleIds.length} articles to ${countReaders(forecast)}, sent by the running worker` +
      (options.at === undefined ? '.' : ` from ${options.at.toISOString()} on.`),
    ...(warning === undefined ? [] : [warning]),
  ]);
}

async function readOrder(
  { db }: Context,
  publication: Publication,
  { article, again = false, subject, note, at }: SendOptions,
) {
  const ids = [...new Set(article)];
  const wellFormed = ids.every((id) => /^[0-9a-f-]{36}$/.test(id));
  if (!wellFormed || !(await areReleased(db, publication.id, ids))) {
    throw new CliError(
      'Nothing was sent. Every --article must be the id of a released article of this publication.',
      2,
    );
  }
  const text = operatorTextSchema.partial().safeParse({ subject, note });
  if (!text.success) {
    const [mistake] = text.error.issues;
    throw new CliError(`Nothing was sent. --${mistake?.path.join('.')} ${mistake?.message}.`, 2);
  }
  const words = { subject: text.data.subject ?? null, note: text.data.note ?? null };
  return { articleIds: article === undefined ? null : ids, again, ...words, sendAt: at };
}

/** Asks before a second operator's digest within an hour, which is more often a mistake than meant. */
async function confirmIfRepeated(context: Context, publication: Publication): Promise<void> {
  const before = (await listDigests(context.db, publication.id, 20)).find(
    ({ cadence }) => cadence === 'operator',
  );
  const age = before === undefined ? Infinity : context.now().getTime() - before.createdAt.getTime();
  if (age > HOUR_MS) return;
  const minutes = Math.round(age / MINUTE_MS);
  await confirmOrAbort(
    `A digest was sent ${minutes} minutes ago. Send what is new since?`,
    'Nothing was sent.',
  );
}
