import type { Request, Response } from 'express';
import { z } from 'zod';
import { exportFormats, type ExportFormat } from '../../../exports/export.js';
import { exportJsonLines, sealSuppressionKey } from '../../../exports/export-jsonl.js';
import type { Context } from '../../../platform/context.js';
import { MAX_PASSPHRASE_LENGTH, MIN_PASSPHRASE_LENGTH } from '../../../platform/crypto/passphrase-box.js';
import { exportReaders } from '../../../subscribers/list/export-readers.js';
import { searchReaders } from '../../../subscribers/list/search-readers.js';
import { readReaderCounts } from '../../../subscribers/counts/reads.js';
import { localDate } from '../../../subscribers/preferences/pause-end.js';
import { readForm } from '../../middleware/read-body.js';
import { sendPieces } from '../../middleware/send-pieces.js';
import { asOperator } from '../frame/as-operator.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import type { ListContext } from './list-page.js';
import { describeNumber } from './list-number.js';
import { readListQuery, toFilter, toQueryString } from './list-query.js';

type ExportContext = ListContext & Pick<Context, 'config'>;

const formSchema = z.object({
  format: z.enum(exportFormats).catch('csv'),
  passphrase: z.string().max(MAX_PASSPHRASE_LENGTH).catch(''),
});

type Shown = { format?: ExportFormat; mistake?: string };

/** Readers as a file: all, or those who fit the filters in the address. */
export function showExportPage(context: ExportContext, req: Request, res: Response): Promise<void> {
  return show(context, res, req.query, {});
}

async function show(
  context: ExportContext,
  res: Response,
  asked: unknown,
  { format = 'csv', mistake }: Shown,
): Promise<void> {
  const { db, now } = context;
  const { publication } = publicationDeskOf(res);
  const query = readListQuery(asked);
  const { filter } = toFilter(query, publication, { now: now(), maySearchAddresses: true });
  const selection = { publicationId: publication.id, filter };
  const found = await searchReaders(db, selection, { limit: 1 });
  const counts = await readReaderCounts(db, publication.id);
  return sendDeskPage(context, res, 'dashboard-readers-export', {
    query,
    isFiltered: toQueryString(query) !== '',
    selection: toQueryString(query),
    number: found.matching && describeNumber(query, found.matching, counts),
    format,
    mistake: mistake ?? null,
    shortest: MIN_PASSPHRASE_LENGTH,
  });
}

/** The file itself, sent as it is made. */
export async function sendExport(context: ExportContext, req: Request, res: Response): Promise<void> {
  await readForm(req, res);
  const { format, passphrase } = formSchema.parse(req.body ?? {});
  if (format === 'jsonl' && passphrase !== '' && passphrase.length < MIN_PASSPHRASE_LENGTH) {
    const mistake = `Nothing was exported. The pass phrase needs ${MIN_PASSPHRASE_LENGTH} characters or more.`;
    return show(context, res.status(422), req.body, { format, mistake });
  }
  const { publication } = publicationDeskOf(res);
  const now = context.now();
  const query = readListQuery(req.body);
  const { filter } = toFilter(query, publication, { now, maySearchAddresses: true });
  const acting = asOperator(context, res);
  const name = `${publication.slug}-readers-${localDate(publication.timezone, now)}.${format}`;
  res.attachment(name);
  if (format === 'csv') {
    res.type('text/csv; charset=utf-8');
    return sendPieces(res, exportReaders(acting, { publicationId: publication.id, filter }));
  }
  const suppressionKey = passphrase === '' ? null : await sealSuppressionKey(context, passphrase);
  res.type('application/jsonl; charset=utf-8');
  return sendPieces(res, exportJsonLines(acting, publication, { filter, suppressionKey }));
}
