import { composePreview, type PreviewMail } from '../../../../deliveries/preview/compose-preview.js';
import type { PreviewParts } from '../../../../deliveries/preview/parts.js';
import { isRowFault } from '../../../../platform/process/row-fault.js';
import type { PublicationDesk } from '../../frame/desk.js';
import { recipientOf } from './preview-page.js';
import type { Previews } from './previews.js';

/**
 * The mail for whoever looks at it. Undefined: none can be made of its articles.
 * @throws TooManyWaitingError which is answered 503
 */
export function composeInTurn(
  { context, limit }: Previews,
  desk: PublicationDesk,
  parts: PreviewParts,
): Promise<PreviewMail | undefined> {
  return limit(async () => {
    try {
      return await composePreview(context, desk.publication, parts, { recipient: recipientOf(parts, desk) });
    } catch (error) {
      if (!isRowFault(error)) throw error;
      return undefined;
    }
  });
}
