import { formatDateTime } from '../../platform/text/format-dates.js';
import { describeFailedRow } from './describe-failed-row.js';
import type { AlertContent, AlertTextContext, CauseOf } from './content.js';

/** How many rows a mail names. */
const MAX_ROWS = 10;

/** Rows that are left out because they could not be processed. Their ids say nothing of anybody. */
export function describeFailedRows(
  { rows }: CauseOf<'failed-rows'>,
  { publication, t }: AlertTextContext,
): AlertContent {
  const count = rows.length;
  const more = count > MAX_ROWS ? [t('failed.more', { count: count - MAX_ROWS })] : [];
  const named = rows.slice(0, MAX_ROWS).map((row) => {
    const since = formatDateTime(row.failingSince, publication.timezone, 'en');
    // A number in hexadecimal digits between two words is what spam filters look for (SpamAssassin's HEXHASH_WORD).
    const what = describeFailedRow({ ...row, rowId: `“${row.rowId}”` });
    return t('failed.named', { what, since, code: row.code });
  });
  return {
    subject: t('failed.subject', { publication: publication.name, count }),
    title: t('failed.title', { count }),
    says: [t('failed.what', { count }), t('failed.mail')],
    reason: null,
    list: { lead: t('failed.lead'), items: [...named, ...more] },
    choices: [t('failed.fix'), t('failed.retry')],
    path: `/operator/publications/${publication.slug}#failed`,
    button: t('look'),
    commands: ['list', 'retry'].map(
      (verb) => `npx paperround failed ${verb} --publication ${publication.slug}`,
    ),
  };
}
