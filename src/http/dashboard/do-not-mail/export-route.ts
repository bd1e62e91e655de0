import type { Request, Response } from 'express';
import { exportSuppressions } from '../../../subscribers/suppression/export-suppressions.js';
import { readForm } from '../../middleware/read-body.js';
import { sendPieces } from '../../middleware/send-pieces.js';
import { asOperator } from '../frame/as-operator.js';
import { publicationDeskOf } from '../frame/desk.js';
import type { DoNotMailContext } from './list-page.js';

/** The whole list as a CSV file, sent as it is read. */
export async function sendSuppressionsFile(
  context: DoNotMailContext,
  req: Request,
  res: Response,
): Promise<void> {
  await readForm(req, res);
  const { publication } = publicationDeskOf(res);
  res.type('text/csv; charset=utf-8').attachment(`${publication.slug}-do-not-mail.csv`);
  await sendPieces(res, exportSuppressions(asOperator(context, res), publication.id));
}
