import type { Request, Response } from 'express';
import { z } from 'zod';
import { listTargets } from '../../../digests/drafts/draft-targets.js';
import { listDrafts, listOpenDrafts } from '../../../digests/drafts/reads.js';
import { formatDateTime, formatWeekdayTime } from '../../../platform/text/format-dates.js';
import { readReaderCounts } from '../../../subscribers/counts/reads.js';
import type { Previews } from '../digests/preview/previews.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { targetValue } from './email-page.js';
import { describeTarget, emailFlashes, nameDraft, STATE_WORDS } from './email-words.js';

const PAGE_SIZE = 25;

const listQuery = z.object({ before: z.uuid().optional() }).catch({});

/** What is being written, and what was, the newest first. */
export async function showEmailList({ context }: Previews, req: Request, res: Response): Promise<void> {
  const { publication } = publicationDeskOf(res);
  const { before } = listQuery.parse(req.query);
  const found = await listDrafts(context.db, publication.id, { before, limit: PAGE_SIZE + 1 });
  const shown = found.slice(0, PAGE_SIZE);
  return sendDeskPage(context, res, 'dashboard-emails', {
    flash: findFlash(emailFlashes, req.query['done']),
    before: before ?? null,
    next: found.length > PAGE_SIZE ? (shown.at(-1)?.id ?? null) : null,
    emails: shown.map((draft) => ({
      id: draft.id,
      name: nameDraft(draft),
      target: describeTarget(draft),
      state: draft.state,
      stateName: STATE_WORDS[draft.state],
      date: formatDateTime(draft.updatedAt, publication.timezone, 'en'),
      digestId: draft.digestId,
    })),
  });
}

/** What can be written: for a digest that is to come, or an email of its own. */
export async function showNewEmail({ context }: Previews, req: Request, res: Response): Promise<void> {
  const { publication } = publicationDeskOf(res);
  const { byCadence } = await readReaderCounts(context.db, publication.id);
  const open = await listOpenDrafts(context.db, publication.id);
  const begun = (value: string) => open.find((draft) => targetValue(draft) === value)?.id ?? null;
  const targets = await listTargets(context, publication, byCadence);
  return sendDeskPage(context, res, 'dashboard-email-new', {
    flash: findFlash(emailFlashes, req.query['done']),
    rhythms: targets.map(({ cadence, nextAt, periods }) => ({
      value: cadence,
      name: describeTarget({ cadence, period: null }),
      when: nextAt === undefined ? null : formatWeekdayTime(nextAt, publication.timezone, 'en'),
      readers: byCadence[cadence],
      begun: begun(cadence),
      later: periods.map((period) => ({
        value: targetValue({ cadence, period }),
        label: describeTarget({ cadence, period }),
      })),
    })),
  });
}
