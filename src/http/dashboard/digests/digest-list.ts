import type { Request, Response } from 'express';
import { z } from 'zod';
import { readDigestList } from '../../../dashboard/digest-list.js';
import type { Context } from '../../../platform/context.js';
import { formatDateTime } from '../../../platform/text/format-dates.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { describeFigures } from './ledger-words.js';
import { describeFirstDigest } from './first-digest.js';

const PAGE_SIZE = 25;

const listQuery = z.object({ before: z.uuid().optional() }).catch({});

/** All digests, the newest first, a line each. */
export async function showDigestList(
  context: Pick<Context, 'db' | 'now' | 'templates'>,
  req: Request,
  res: Response,
): Promise<void> {
  const { publication } = publicationDeskOf(res);
  const { before } = listQuery.parse(req.query);
  const { lines, next } = await readDigestList(context, publication, { before, limit: PAGE_SIZE });
  const nothingYet =
    lines.length === 0 && before === undefined ? await describeFirstDigest(context, publication) : null;
  const formatDate = (moment: Date) => formatDateTime(moment, publication.timezone, 'en');
  return sendDeskPage(context, res, 'dashboard-digests', {
    digests: lines.map((line) => ({
      id: line.id,
      name: line.name,
      state: line.state,
      date: formatDate(line.sentAt ?? line.sendAt ?? line.createdAt),
      figures: describeFigures(line),
    })),
    before: before ?? null,
    next,
    nothingYet,
  });
}
