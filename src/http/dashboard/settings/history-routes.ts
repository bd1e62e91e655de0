import express, { type Request, type Response, type Router } from 'express';
import { readActivity } from '../../../dashboard/activity.js';
import type { NamedActivity } from '../../../operators/activity/activity.js';
import { describeActivity } from '../../../operators/activity/describe-activity.js';
import { mayAdminister } from '../../../operators/permissions.js';
import { listPublicationOperators } from '../../../operators/reads.js';
import type { Context } from '../../../platform/context.js';
import { formatDateTime } from '../../../platform/text/format-dates.js';
import type { Publication } from '../../../publications/publication.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { sendNotFound } from '../frame/own-row.js';
import { lookFields } from '../look/look-fields.js';
import type { FieldGroup } from './field.js';
import {
  historyTopics,
  readHistoryFilter,
  toActivityFilter,
  writeHistoryFilter,
  type HistoryFilter,
} from './history-filter.js';
import { callOperator, fieldWords, showChanges, withoutAddresses } from './history-words.js';
import { newsletterFields } from './newsletter-fields.js';
import { senderFields } from './sender-fields.js';

type HistoryContext = Pick<Context, 'db' | 'templates' | 'publicUrl' | 'config'>;

const PAGE_SIZE = 50;

/** What was changed at a newsletter, by whom and when; administrators also look at what is about the whole server. */
export function historyRoutes(context: HistoryContext): Router {
  const router = express.Router();
  router.get('/', (req, res) => showHistory(context, req, res));
  return router;
}

async function showHistory(context: HistoryContext, req: Request, res: Response): Promise<void> {
  const { publication, operator } = publicationDeskOf(res);
  const filter = readHistoryFilter(req.query);
  const isAdministrator = mayAdminister(operator);
  if (filter.isOfServer && !isAdministrator) return sendNotFound(context, req, res);
  const page = { before: filter.before, limit: PAGE_SIZE + 1 };
  const rows = await readActivity(context, toActivityFilter(filter, publication.id), page);
  const shown = rows.slice(0, PAGE_SIZE);
  return sendDeskPage(context, res, 'dashboard-settings-history', {
    rows: showRows(context, publication, shown),
    topics: historyTopics.map((topic) => ({ ...topic, isChosen: topic.value === filter.what })),
    people: await listActors(context, publication, filter),
    only: describeOnly(filter),
    isOfServer: filter.isOfServer,
    isAdministrator,
    isFiltered: filter.what !== null || filter.who !== null,
    query: writeHistoryFilter(filter),
    before: filter.before ?? null,
    next: rows.length > shown.length ? (shown.at(-1)?.id ?? null) : null,
  });
}

function showRows(context: HistoryContext, publication: Publication, rows: readonly NamedActivity[]) {
  const formatTime = (at: Date) => formatDateTime(at, publication.timezone, 'en');
  const groups: readonly FieldGroup[] = [...newsletterFields(context), ...senderFields, ...lookFields];
  const words = fieldWords(
    groups.flatMap(({ fields }) => fields),
    formatTime,
  );
  return rows.map(withoutAddresses).map((row) => ({
    time: formatTime(row.createdAt),
    sentence: describeActivity(row, context.templates.operatorWords, formatTime, (name) =>
      words.nameField(name).toLowerCase(),
    ),
    changes: showChanges(row, words),
    path: pathOf(row, publication),
  }));
}

/** Where an operator looks at what was changed; null: it has no page, or is there no more. */
function pathOf({ subjectType, subjectId, subjectName }: NamedActivity, publication: Publication) {
  const here = deskPath(publication);
  if (subjectType === 'digest' && subjectName !== null) return `${here}/digests/${subjectId}`;
  if (subjectType === 'draft') return `${here}/emails/${subjectId}`;
  return subjectType === 'feed' && subjectName !== null ? `${here}/settings/feeds` : null;
}

/** Who may be chosen: everybody who runs the newsletter, and what else changes something. */
async function listActors({ db }: HistoryContext, { id }: Publication, { who }: HistoryFilter) {
  const operators = await listPublicationOperators(db, id);
  const people = operators.map(({ id: value, name, email }) => ({
    value,
    label: callOperator(name ?? email) ?? 'Somebody without a name',
  }));
  return [...OTHERS, ...people].map((one) => ({ ...one, isChosen: one.value === who }));
}

const OTHERS: readonly { value: string; label: string }[] = [
  { value: 'operator', label: 'People at these pages' },
  { value: 'token', label: 'Programs' },
  { value: 'command-line', label: 'The command line' },
  { value: 'reader', label: 'Readers' },
  { value: 'system', label: 'Paperround by itself' },
];

/** What the address asks for and no choice of the form says. */
function describeOnly({ what }: HistoryFilter): string | null {
  return what === null || historyTopics.some(({ value }) => value === what) ? null : what;
}
