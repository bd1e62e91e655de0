import { readPreviewParts } from '../../../../deliveries/preview/preview-parts.js';
import type { PreviewSource } from '../../../../deliveries/preview/source.js';
import { TooManyWaitingError } from '../../../../platform/process/limit-concurrency.js';
import { isRowFault } from '../../../../platform/process/row-fault.js';
import type { TemplateData } from '../../../../platform/templates/templates.js';
import type { PublicationDesk } from '../../frame/desk.js';
import { composeInTurn } from './compose-in-turn.js';
import { describeMail } from './preview-page.js';
import type { Previews } from './previews.js';

/**
 * What the page of a digest says of its mail before it goes: its subject and its checks. Null: there is none to look at, or too
 * many are looked at just now.
 */
export async function readMailSummary(
  previews: Previews,
  desk: PublicationDesk,
  { source }: { source: PreviewSource },
): Promise<TemplateData | null> {
  const { context } = previews;
  const { publication } = desk;
  const found = await readPreviewParts(context, publication, { source, as: {}, readerId: undefined });
  if (found.kind !== 'parts') return null;
  const { parts } = found;
  try {
    const mail = await composeInTurn(previews, desk, parts);
    return mail === undefined ? FAULTY : await describeMail(context, publication, { mail, parts });
  } catch (error) {
    if (error instanceof TooManyWaitingError) return null;
    if (!isRowFault(error)) throw error;
    return FAULTY;
  }
}

export const NOT_COMPOSED =
  'No mail can be made of its articles: readers get it without those that are faulty, or not at all.';

const FAULTY: TemplateData = {
  subject: null,
  isExample: false,
  isAsSent: false,
  checks: { stops: [], look: [NOT_COMPOSED] },
};
