import { findArticles } from '../../../articles/reads.js';
import { describeJobOutage } from '../../../dashboard/job-outage.js';
import { NOT_LIVE } from '../../../deliveries/plan/operator-digest.js';
import { forecastDigest } from '../../../deliveries/plan/forecast.js';
import { isOver } from '../../../deliveries/plan/operator-digest.js';
import { DEFAULT_ORDER, operatorTextSchema } from '../../../digests/digest.js';
import { listDigests } from '../../../digests/reads.js';
import type { Config } from '../../../platform/config.js';
import type { Context } from '../../../platform/context.js';
import { HOUR_MS, MINUTE_MS } from '../../../platform/durations.js';
import { mistakeWords } from '../../../platform/text/describe-mistakes.js';
import { countNoun } from '../../../platform/text/count-noun.js';
import { formatDateTime } from '../../../platform/text/format-dates.js';
import type { Publication } from '../../../publications/publication.js';
import { choosePublication } from '../../choose-publication.js';
import { CliError } from '../../cli-error.js';
import { confirmOrAbort } from '../../confirm-prompt.js';
import { resolveMoment, type TypedMoment } from '../../moment.js';
import { print } from '../../output.js';
import { withContext } from '../../servers.js';
import { countReaders } from './count-readers.js';
import { describeOrder } from './describe-order.js';
import { requireReleased } from './require-released.js';
import { isKnownKey, NOBODY_DUE, sendOnce } from './send-once.js';

export type SendOptions = {
  json?: boolean;
  publication?: string;
  article?: string[];
  again?: boolean;
  subject?: string;
  note?: string;
  at?: TypedMoment | undefined;
  yes?: boolean;
  idempotencyKey?: string;
};

type Order = Awaited<ReturnType<typeof readOrder>>;

/** `digest send`. */
export async function sendDigest(config: Config, options: SendOptions): Promise<void> {
  const sent = await withContext(config, async (context) => {
    const publication = await choosePublication(context, options.publication);
    const order = await readOrder(context, publication, options);
    const isKnown = await isKnownKey(context, options.idempotencyKey);
    if (options.yes !== true && !isKnown) await confirm(context, publication, order);
    const { assumed, when, ...wishes } = order;
    const digest = await sendOnce(context, publication.id, wishes, options.idempotencyKey);
    const warning = await describeJobOutage(context, (moment) => moment.toISOString());
    return { digest, sendAt: wishes.sendAt, assumed, when, warning };
  });
  const { warning, digest, sendAt, assumed, when } = sent;
  const notes = [assumed, warning].filter((note) => note !== undefined);
  print(options, { ...digest, ...(sendAt && { sendAt }), ...(warning && { warning }) }, [
    `Digest ${digest.id}: ${countNoun(digest.articleIds.length, 'article')} to ${countReaders(digest)}, ` +
      `sent by the running worker${when === undefined ? '.' : ` from ${when} on. Who gets what is worked out then.`}`,
    ...notes,
  ]);
}

async function readOrder(context: Context, publication: Publication, options: SendOptions) {
  const { article, again = false, subject, note } = options;
  const ids = article === undefined ? null : [...new Set(article)];
  await requireReleased(context, publication, ids ?? []);
  if (again && ids === null)
    throw new CliError('Nothing was sent. --again goes with --article: it says what to send again.', 2);
  const text = operatorTextSchema.partial().safeParse({ subject, note }, { error: mistakeWords });
  if (!text.success) {
    const [mistake] = text.error.issues;
    throw new CliError(`Nothing was sent. --${mistake?.path.join('.')} ${mistake?.message}.`, 2);
  }
  const words = { subject: text.data.subject ?? null, note: text.data.note ?? null };
  return { articleIds: ids, again, ...words, ...readTime(context, publication, options.at) };
}

function readTime({ now }: Context, publication: Publication, typed: TypedMoment | undefined) {
  if (typed === undefined) return { sendAt: undefined, assumed: undefined, when: undefined };
  const { at, assumed } = resolveMoment(typed, publication);
  const when = formatDateTime(at, publication.timezone, 'en');
  if (isOver(at, now()))
    throw new CliError(`Nothing was sent. --at is past: ${[`${when}.`, assumed].join(' ').trim()}`, 2);
  return { sendAt: at, assumed, when };
}

/** Says what would be done, to whom and when, and asks. */
async function confirm(context: Context, publication: Publication, order: Order): Promise<void> {
  const { articleIds, again, when, assumed } = order;
  if (publication.liveAt === null) throw new CliError(NOT_LIVE);
  const forecast = await forecastDigest(context, publication.id, { ...DEFAULT_ORDER, articleIds, again });
  if (forecast.readers === 0 && order.sendAt === undefined) throw new CliError(NOBODY_DUE);
  const titles = await listTitles(context, forecast.articleIds);
  const before = await describeDigestBefore(context, publication);
  const question = describeOrder({ name: publication.name, order, forecast, titles, when });
  await confirmOrAbort(
    [assumed, before, question].filter((line) => line !== undefined).join('\n'),
    'Nothing was sent.',
  );
}

async function listTitles({ db }: Context, ids: string[]): Promise<string[]> {
  const titles = new Map((await findArticles(db, ids)).map(({ id, title }) => [id, title]));
  return ids.flatMap((id) => titles.get(id) ?? []);
}

/** A second operator's digest within an hour is more often a mistake than meant. */
async function describeDigestBefore({ db, now }: Context, { id }: Publication): Promise<string | undefined> {
  const before = (await listDigests(db, id, 20)).find(({ cadence }) => cadence === 'operator');
  const age = before === undefined ? Infinity : now().getTime() - before.createdAt.getTime();
  if (age > HOUR_MS) return undefined;
  return `Another digest was ordered ${countNoun(Math.round(age / MINUTE_MS), 'minute')} ago.`;
}
