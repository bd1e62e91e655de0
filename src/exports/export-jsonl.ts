import type { Context } from '../platform/context.js';
import { loadKeys } from '../platform/crypto/keys.js';
import { readAddressHashKey } from '../platform/crypto/address-hash.js';
import { sealWithPassphrase, type PassphraseBox } from '../platform/crypto/passphrase-box.js';
import type { Db } from '../platform/db/database.js';
import type { Publication } from '../publications/publication.js';
import { isFiltered, recordExport } from '../subscribers/list/export-readers.js';
import { listToExport, type ReaderSelection } from '../subscribers/list/reads.js';
import type { ReaderFilter } from '../subscribers/list/reader-filter.js';
import {
  EXPORT_VERSION,
  type ExportEnd,
  type ExportHead,
  type ExportedSubscription,
  type ExportedSuppression,
} from './export.js';
import {
  countDigests,
  listConsentsOf,
  listDeliveriesOf,
  listEventsOf,
  listNoticesOf,
  listReaders,
  listSuppressions,
} from './reads.js';

export type ExportOptions = {
  filter: ReaderFilter;
  /** Of `sealSuppressionKey`; null: suppressions that are known by a hash alone are left out. */
  suppressionKey?: PassphraseBox | null;
  /** Told how many readers are through. */
  onReaders?: ((count: number) => Promise<void>) | undefined;
};

/** The key of the hashes by which addresses are suppressed, for whoever knows the pass phrase. */
export async function sealSuppressionKey(
  { db, config }: Pick<Context, 'db' | 'config'>,
  passphrase: string,
): Promise<PassphraseBox> {
  return sealWithPassphrase(await readAddressHashKey(db, loadKeys(config)), passphrase);
}

/** So many mails are held in memory at most, whether of few readers over ten years or of many over a week. */
const MAX_MAILS_HELD = 20_000;
const MAX_READERS_HELD = 500;
const SUPPRESSIONS_HELD = 1000;

/**
 * Everything about readers of a publication as JSON Lines, in pieces, in memory that does not grow: see docs/export.md. That it was
 * made is recorded before the first line goes out. A file of some readers has no suppressions.
 */
export async function* exportJsonLines(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  publication: Publication,
  { filter, suppressionKey = null, onReaders }: ExportOptions,
): AsyncGenerator<string> {
  const selection = { publicationId: publication.id, filter };
  await recordExport(context, selection);
  yield jsonLine(headOf(context, publication, selection, suppressionKey));
  const end: ExportEnd = { type: 'end', readers: 0, suppressions: 0, suppressionsLeftOut: 0 };
  for await (const readers of readerPages(context.db, selection)) {
    end.readers += readers.length;
    await onReaders?.(end.readers);
    yield readers.map(jsonLine).join('');
  }
  if (!isFiltered(selection)) {
    for await (const page of suppressionPages(context.db, publication.id, suppressionKey !== null)) {
      end.suppressions += page.listed.length;
      end.suppressionsLeftOut += page.leftOut;
      yield page.listed.map(jsonLine).join('');
    }
  }
  yield jsonLine(end);
}

function jsonLine(value: ExportHead | ExportedSubscription | ExportedSuppression | ExportEnd): string {
  return `${JSON.stringify(value)}\n`;
}

function headOf(
  { now }: Pick<Context, 'now'>,
  { slug, name, siteUrl, locale, timezone, topics }: Publication,
  selection: ReaderSelection,
  suppressionKey: PassphraseBox | null,
): ExportHead {
  return {
    type: 'export',
    format: 'paperround-readers',
    version: EXPORT_VERSION,
    madeAt: now(),
    publication: { slug, name, siteUrl, locale, timezone, topics },
    isFiltered: isFiltered(selection),
    suppressionKey: isFiltered(selection) ? null : suppressionKey,
  };
}

async function* readerPages(db: Db, selection: ReaderSelection): AsyncGenerator<ExportedSubscription[]> {
  const digests = await countDigests(db, selection.publicationId);
  const limit = Math.min(MAX_READERS_HELD, Math.max(1, Math.floor(MAX_MAILS_HELD / Math.max(1, digests))));
  let after: string | undefined;
  do {
    const ids = (await listToExport(db, selection, { after, limit })).map(({ id }) => id);
    yield await readReaders(db, selection.publicationId, ids);
    after = ids.length < limit ? undefined : ids.at(-1);
  } while (after !== undefined);
}

async function readReaders(
  db: Db,
  publicationId: string,
  ids: readonly string[],
): Promise<ExportedSubscription[]> {
  const readers = await listReaders(db, ids);
  const consents = groupByReader(await listConsentsOf(db, ids));
  const deliveries = groupByReader(await listDeliveriesOf(db, publicationId, ids));
  const notices = groupByReader(await listNoticesOf(db, ids));
  const events = groupByReader(await listEventsOf(db, ids));
  return readers.map((reader) => ({
    type: 'reader',
    ...reader,
    consents: consents.get(reader.id) ?? [],
    deliveries: deliveries.get(reader.id) ?? [],
    notices: notices.get(reader.id) ?? [],
    events: events.get(reader.id) ?? [],
  }));
}

function groupByReader<Row extends { subscriptionId: string }>(
  rows: readonly Row[],
): Map<string, Omit<Row, 'subscriptionId'>[]> {
  const groups = new Map<string, Omit<Row, 'subscriptionId'>[]>();
  for (const { subscriptionId, ...row } of rows) {
    const group = groups.get(subscriptionId);
    if (group === undefined) groups.set(subscriptionId, [row]);
    else group.push(row);
  }
  return groups;
}

/** @param isKeyed the file has the key of the hashes */
async function* suppressionPages(
  db: Db,
  publicationId: string,
  isKeyed: boolean,
): AsyncGenerator<{ listed: ExportedSuppression[]; leftOut: number }> {
  let after: string | undefined;
  do {
    const rows = await listSuppressions(db, publicationId, { after, limit: SUPPRESSIONS_HELD });
    const kept = rows.filter(({ email, domain }) => isKeyed || email !== null || domain !== null);
    const listed = kept.map(
      ({ addressHash, email, domain, everywhere, reason, source, createdAt }): ExportedSuppression => ({
        type: 'suppression',
        hash: isKeyed ? addressHash.toString('hex') : null,
        email,
        domain,
        everywhere,
        reason,
        source,
        createdAt,
      }),
    );
    yield { listed, leftOut: rows.length - kept.length };
    after = rows.length < SUPPRESSIONS_HELD ? undefined : rows.at(-1)?.id;
  } while (after !== undefined);
}
