import type { Request, Response } from 'express';
import { localDate } from '../../../subscribers/preferences/pause-end.js';
import { exportReaders } from '../../../subscribers/list/export-readers.js';
import { readForm } from '../../middleware/read-body.js';
import { sendPieces } from '../../middleware/send-pieces.js';
import { asOperator } from '../frame/as-operator.js';
import { publicationDeskOf } from '../frame/desk.js';
import type { ListContext } from './list-page.js';
import { readListQuery, toFilter } from './list-query.js';

/** The readers who fit the filters as a CSV file, sent as it is read. */
export async function sendReadersFile(context: ListContext, req: Request, res: Response): Promise<void> {
  await readForm(req, res);
  const { publication } = publicationDeskOf(res);
  const now = context.now();
  const { filter } = toFilter(readListQuery(req.body), publication, { now, maySearchAddresses: true });
  const name = `${publication.slug}-readers-${localDate(publication.timezone, now)}.csv`;
  res.type('text/csv; charset=utf-8').attachment(name);
  const selection = { publicationId: publication.id, filter };
  await sendPieces(res, exportReaders(asOperator(context, res), selection));
}
