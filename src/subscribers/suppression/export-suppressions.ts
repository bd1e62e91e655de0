import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import { csvLine } from '../../platform/text/csv.js';
import { listSuppressionPage } from './operator-reads.js';

const CHUNK_SIZE = 1000;

const COLUMNS = ['address', 'domain', 'fingerprint', 'reason', 'source', 'since', 'newsletter', 'note'];

/**
 * Everybody whom a publication may not mail as lines of a CSV file (RFC 4180), the newest first. An address is there where a reader of
 * it has it; of all others the beginning of the keyed hash. A domain stands behind an @, as a file that is added has it.
 */
export async function* exportSuppressions(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  publicationId: string,
): AsyncGenerator<string> {
  const change = { kind: 'suppression.exported', publicationId, subjectId: null } as const;
  await context.db.transaction((tx) => recordActivity(tx, context, change));
  // Spreadsheets take a file without it for one of another encoding.
  yield `\uFEFF${csvLine(COLUMNS)}`;
  let before: string | undefined;
  do {
    const rows = await listSuppressionPage(context.db, { publicationId }, { before, limit: CHUNK_SIZE });
    const lines = rows.map(({ address, domain, hashPrefix, reason, source, since, publication, note }) => {
      const whose = [address, domain === null ? null : `@${domain}`, hashPrefix];
      return csvLine([...whose, reason, source, since.toISOString(), publication, note]);
    });
    yield lines.join('');
    before = rows.length < CHUNK_SIZE ? undefined : rows.at(-1)?.id;
  } while (before !== undefined);
}
