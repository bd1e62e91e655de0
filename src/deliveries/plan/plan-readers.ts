import { createCalendar, type Calendar } from '../../digests/calendar/memoised-calendar.js';
import { computeDueDigests, type Due, type DueDigest } from '../../digests/calendar/due.js';
import { digestKey, readDigestEdits } from '../../digests/drafts/digest-edits.js';
import type { PeriodKey } from '../../digests/drafts/reads.js';
import { requireDigestOfPeriod } from '../../digests/open/open-digest.js';
import type { VariantIdCache } from '../../digests/open/variants.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { advanceWatermarks } from '../../subscribers/due/advance-watermarks.js';
import type { Publication } from '../../publications/publication.js';
import type { Reader } from '../../subscribers/subscription.js';
import { readDueLists } from './due-lists.js';
import { editDue } from './edit-due.js';
import { reportReaderZones } from './report-reader-zones.js';
import { guardDigests } from './guard-digests.js';
import { recordReadersJoined, queueDeliveries, type PlannedReader } from './queue-deliveries.js';
import { createSuppressedFinder, type FindSuppressed } from './suppressed-readers.js';

/** What all chunks of one pass share: the moment it began, by which everybody in it is planned, and what it has seen. */
export type PlanningPass = {
  keyId: string;
  calendar: Calendar;
  variants: VariantIdCache;
  log: Context['log'];
  resolveLocale: Context['templates']['resolveLocale'];
  /** By publication. */
  suppressed: Map<string, FindSuppressed>;
};

export function beginPlanningPass(
  context: Pick<Context, 'links' | 'now' | 'log' | 'templates'>,
): PlanningPass {
  const { links, now, log, templates } = context;
  const { resolveLocale } = templates;
  const calendar = createCalendar(now());
  return {
    keyId: links.keyId,
    calendar,
    variants: new Map(),
    log,
    resolveLocale,
    suppressed: new Map(),
  };
}

/**
 * Plans one chunk of readers of one publication: joins the digests they are due, queues their deliveries, and moves
 * each reader on. The caller holds the readers' rows; running it again plans nothing twice.
 */
export async function planReaders(
  tx: Tx,
  pass: PlanningPass,
  publication: Pick<Publication, 'id' | 'locale'>,
  readers: readonly Reader[],
): Promise<void> {
  const { id: publicationId } = publication;
  reportReaderZones(pass, publicationId, readers);
  const { listFor, newestSeq } = await readDueLists(tx, publicationId, readers);
  const all = new Map(
    readers.map((reader) => [reader, computeDueDigests(listFor(reader), reader, pass.calendar)]),
  );
  const edits = await readDigestEdits(tx, publicationId, keysOf(all));
  const { due, heldBack } = editDue(all, edits, pass.calendar);
  const { drafts } = edits;
  const guarded = await guardDigests(
    tx,
    { publicationId, keyId: pass.keyId, drafts },
    due,
    pass.calendar.now,
  );
  const { joined, hadBefore } = await joinDigests(tx, pass, publication, guarded.due);
  const refused = new Set([...hadBefore, ...guarded.cancelled]);
  await advanceWatermarks(
    tx,
    readers.map((reader) => {
      const first = heldBack.get(reader);
      const newest = first === undefined ? newestSeq : first - 1;
      return (
        guarded.held.get(reader.id) ??
        nextReaderState(reader, due.get(reader), refused.has(reader.id), newest, pass.calendar)
      );
    }),
  );
  await recordReadersJoined(tx, joined, pass.calendar.now);
}

/** The digests that any of these readers is due in, each once. */
function keysOf(due: ReadonlyMap<Reader, Due>): PeriodKey[] {
  const keys = new Map<string, PeriodKey>();
  for (const { digests } of due.values())
    for (const { cadence, period } of digests)
      if (cadence !== 'operator') keys.set(digestKey({ cadence, period }), { cadence, period });
  return [...keys.values()];
}

type JoinResult = { joined: { id: string; closesAt: Date | null }[]; hadBefore: Set<string> };

/** Groups the readers by digest and queues each group. Returns also the readers who had this period's digest already. */
async function joinDigests(
  tx: Tx,
  { calendar: { now }, variants, resolveLocale, suppressed }: PlanningPass,
  { id: publicationId, locale: ownLocale }: Pick<Publication, 'id' | 'locale'>,
  due: ReadonlyMap<Reader, Due>,
): Promise<JoinResult> {
  const languageOf = (locale: string) => resolveLocale(locale, ownLocale);
  const findSuppressed = suppressed.get(publicationId) ?? createSuppressedFinder(publicationId);
  suppressed.set(publicationId, findSuppressed);
  const joined: JoinResult = { joined: [], hadBefore: new Set() };
  // In key order, so that two planners lock the digests they share in the same order.
  for (const [, { dueDigest, readers }] of [...groupByDigest(due, languageOf)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    const { id } = await requireDigestOfPeriod(tx, { ...dueDigest, publicationId });
    const before = await queueDeliveries(tx, { digestId: id, readers, findSuppressed, variants }, now);
    joined.joined.push({ id, closesAt: dueDigest.closesAt });
    // An instant digest is one article: she who has it already has read on, and is not refused.
    if (dueDigest.cadence !== 'instant') for (const reader of before) joined.hadBefore.add(reader);
  }
  return joined;
}

function groupByDigest(
  due: ReadonlyMap<Reader, Due>,
  languageOf: (locale: string) => string,
): Map<string, { dueDigest: DueDigest; readers: PlannedReader[] }> {
  const groups = new Map<string, { dueDigest: DueDigest; readers: PlannedReader[] }>();
  for (const [{ id, locale, format, withoutPictures }, { digests }] of due) {
    const reader = { id, locale: languageOf(locale), format, withoutPictures };
    for (const dueDigest of digests) {
      const key = `${dueDigest.cadence} ${dueDigest.period}`;
      const group = groups.get(key) ?? { dueDigest, readers: [] };
      group.readers.push({ reader, articles: dueDigest.articles });
      groups.set(key, group);
    }
  }
  return groups;
}

function nextReaderState(
  reader: Reader,
  due: Due | undefined,
  refused: boolean,
  newest: number,
  calendar: Calendar,
) {
  if (!refused) return { id: reader.id, watermark: newest, nextDueAt: due?.nextDueAt ?? null };
  // She had this period's digest: her articles wait for the next one, and nothing is skipped.
  const rhythm = reader.cadence === 'instant' ? { ...reader, cadence: 'daily' as const } : reader;
  return { id: reader.id, watermark: reader.watermark, nextDueAt: calendar.nextDueAfterPeriod(rhythm) };
}
