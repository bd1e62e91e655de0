import type { Request, Response } from 'express';
import { z } from 'zod';
import { countSuppressions, listSuppressionPage } from '../../../subscribers/suppression/operator-reads.js';
import type { SuppressionReason } from '../../../subscribers/suppression/reads.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import type { ListContext } from './list-page.js';

const PAGE_SIZE = 50;

const pageQuery = z.object({ before: z.uuid().optional() }).catch({});

/** Why an address is not mailed, in words. */
export const suppressionWords: Readonly<Record<SuppressionReason, string>> = {
  bounced: 'Mail to it bounced',
  complained: 'It reported a newsletter as spam',
  never: 'The reader asked never to be mailed',
  operator: 'An operator put it there',
  erased: 'Its reader was erased: only she can sign up again',
};

/** The addresses that are not mailed, without the addresses: they are not kept. */
export async function showDoNotMail(
  { db, templates }: ListContext,
  req: Request,
  res: Response,
): Promise<void> {
  const { publication } = publicationDeskOf(res);
  const { before } = pageQuery.parse(req.query);
  const counts = (await countSuppressions(db, publication.id)).filter(
    ({ own, everywhere }) => own + everywhere > 0,
  );
  const rows = await listSuppressionPage(db, {
    publicationId: publication.id,
    ...(before === undefined ? {} : { before }),
    limit: PAGE_SIZE + 1,
  });
  const shown = rows.slice(0, PAGE_SIZE);
  return sendDeskPage({ templates }, res, 'dashboard-do-not-mail', {
    counts: counts.map((one) => ({ ...one, words: suppressionWords[one.reason] })),
    total: counts.length,
    rows: shown.map((one) => ({ ...one, words: suppressionWords[one.reason] })),
    before: before ?? null,
    next: rows.length > PAGE_SIZE ? (shown.at(-1)?.id ?? null) : null,
  });
}
