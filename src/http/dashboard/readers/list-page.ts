import type { Request, Response } from 'express';
import { maySeeAddresses, type Role } from '../../../operators/operator.js';
import type { Context } from '../../../platform/context.js';
import { cadences, type Publication } from '../../../publications/publication.js';
import { maskAddress } from '../../../subscribers/address.js';
import { readReaderCounts, type ReaderCounts } from '../../../subscribers/counts/reads.js';
import { listValues, type ListedReader, type ReaderPlace } from '../../../subscribers/list/reads.js';
import { searchReaders } from '../../../subscribers/list/search-readers.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { describeNumber } from './list-number.js';
import {
  placeText,
  readListQuery,
  readPlaces,
  toFilter,
  toQueryString,
  type ListQuery,
} from './list-query.js';
import { languageName, rhythmWords, stateWords } from './reader-words.js';

export type ListContext = Pick<Context, 'db' | 'now' | 'templates'>;

const PAGE_SIZE = 50;
/** In a choice of languages, or of pages with forms. */
const MAX_CHOICES = 200;

/** All readers, the newest first, or those who fit the filters in the address. */
export function showReaders(context: ListContext, req: Request, res: Response): Promise<void> {
  return showList(context, req, res, { page: '/readers', title: 'Readers', state: undefined });
}

/** Who has not confirmed. */
export function showWaiting(context: ListContext, req: Request, res: Response): Promise<void> {
  return showList(context, req, res, { page: '/readers/waiting', title: 'Waiting', state: 'waiting' });
}

type ListPage = { page: string; title: string; state: ListQuery['state'] | undefined };

async function showList(
  context: ListContext,
  req: Request,
  res: Response,
  { page, title, state }: ListPage,
): Promise<void> {
  const { db, now } = context;
  const { publication, role } = publicationDeskOf(res);
  const asked = readListQuery(req.query);
  const query = state === undefined ? asked : { ...asked, state };
  const maySearchAddresses = maySeeAddresses(role);
  const { filter, mistakes } = toFilter(query, publication, { now: now(), maySearchAddresses });
  const start = readPlaces(req.query);
  const selection = { publicationId: publication.id, filter };
  const found = await searchReaders(db, selection, { ...start, limit: PAGE_SIZE });
  const counts = await readReaderCounts(db, publication.id);
  const linked = state === undefined ? query : { ...query, state: '' as const };
  return sendDeskPage(context, res, 'dashboard-readers', {
    page,
    title,
    query,
    isFiltered: toQueryString(linked) !== '',
    isFirst: start.after === undefined && start.before === undefined,
    mistakes,
    search: { isMasked: !maySearchAddresses, isShort: filter.address?.kind === 'beginning' },
    number: found.matching && describeNumber(query, found.matching, counts),
    counts: listCounts(counts),
    readers: found.rows.map((row) => readerRow(row, role)),
    links: pageLinks(linked, found),
    selection: toQueryString(query),
    choices: await listChoices(context, publication),
  });
}

function listCounts({ confirmed, paused, unsubscribed, pending }: ReaderCounts) {
  return { confirmed, paused, unsubscribed, pending, all: confirmed + paused + unsubscribed };
}

function readerRow({ id, email, status, cadence, locale, joinedAt, bouncedAt }: ListedReader, role: Role) {
  return {
    id,
    email: maySeeAddresses(role) ? email : maskAddress(email),
    state: stateWords[status],
    rhythm: rhythmWords[cadence],
    language: languageName(locale),
    joinedAt,
    hasBounced: bouncedAt !== null,
  };
}

function pageLinks(
  query: ListQuery,
  { older, newer }: { older: ReaderPlace | null; newer: ReaderPlace | null },
) {
  return {
    first: toQueryString(query),
    older: older && toQueryString(query, { after: placeText(older) }),
    newer: newer && toQueryString(query, { before: placeText(newer) }),
  };
}

/** What each filter can be. */
async function listChoices({ db }: Pick<Context, 'db'>, { id, topics }: Publication) {
  const languages = await listValues(db, id, 'locale', MAX_CHOICES);
  return {
    rhythms: cadences.map((value) => ({ value, label: rhythmWords[value] })),
    topics,
    languages: languages.map((value) => ({ value, label: languageName(value) })),
    forms: await listValues(db, id, 'source', MAX_CHOICES),
  };
}
