import type { Request, Response } from 'express';
import { z } from 'zod';
import { readReaderTimeline, timelineViews } from '../../../dashboard/reader-timeline.js';
import { explainDigest } from '../../../dashboard/why-digest.js';
import { readDigestList } from '../../../dashboard/digest-list.js';
import { previewSubscription } from '../../../deliveries/plan/preview-reader.js';
import { findDigest } from '../../../digests/reads.js';
import { maySeeAddresses, mayChange, type Role } from '../../../operators/operator.js';
import type { Context } from '../../../platform/context.js';
import { formatDateTime, formatWeekdayTime } from '../../../platform/text/format-dates.js';
import { redactAddresses } from '../../../platform/text/redact.js';
import { usableTimeZone } from '../../../platform/text/time-zone.js';
import type { Publication } from '../../../publications/publication.js';
import { maskAddress } from '../../../subscribers/address.js';
import { listConsents } from '../../../subscribers/consent/reads.js';
import { mayOperatorRestore } from '../../../subscribers/leave/operator-unsubscribe.js';
import { offeredTopics } from '../../../subscribers/preferences/merge-topics.js';
import { isPausedByOperator } from '../../../subscribers/preferences/operator-pause.js';
import { findSubscription } from '../../../subscribers/reads.js';
import { isSubscribed, isTombstone, type Subscription } from '../../../subscribers/subscription.js';
import { addressHashes } from '../../../subscribers/suppression/address-hashes.js';
import { isSuppressed, listSuppressionsOf } from '../../../subscribers/suppression/reads.js';
import { choicesForm } from '../../public/choices-form.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { sendNotFound } from '../frame/own-row.js';
import { suppressionWords } from '../do-not-mail/words.js';
import { describeReaderState } from './reader-state.js';
import { languageName, rhythmWords } from './reader-words.js';
import { timelineRow } from './timeline-words.js';
import { describeWhy } from './why-words.js';

export type ReaderContext = Pick<Context, 'db' | 'now' | 'templates' | 'hashAddress'>;

const TIMELINE_SIZE = 50;
const DIGESTS_TO_ASK_ABOUT = 30;

const querySchema = z.object({
  show: z.enum(timelineViews).catch('all'),
  before: z.uuid().optional().catch(undefined),
  why: z.uuid().optional().catch(undefined),
});

/** What the page says above: what was done, or what is wrong with the form of her choices. */
export type ReaderPageNote = { flash?: string | null; mistake?: string | null };

/** One reader: how she is, what she gets next, what happened, and what can be done. */
export async function showReader(
  context: ReaderContext,
  req: Request<{ id: string }>,
  res: Response,
  { flash = null, mistake = null }: ReaderPageNote = {},
): Promise<void> {
  const { publication, role } = publicationDeskOf(res);
  const reader = await findSubscription(context.db, req.params.id);
  if (reader === undefined) return sendNotFound(context, req, res);
  const query = querySchema.parse(req.query);
  const isErased = isTombstone(reader);
  return sendDeskPage(context, res, 'dashboard-reader', {
    flash,
    mistake,
    reader: {
      id: reader.id,
      status: reader.status,
      email: maySeeAddresses(role) ? reader.email : maskAddress(reader.email),
      language: languageName(reader.locale),
      locale: reader.locale,
      atMostDaily: reader.atMostDaily,
      format: reader.format,
      withoutPictures: reader.withoutPictures,
      topics: reader.topics,
    },
    isErased,
    languages: offeredLanguages(context, reader),
    rhythm: rhythmWords[reader.cadence],
    state: describeReaderState(reader, publication.timezone),
    stopped: isErased ? [] : await describeStops(context, reader, publication),
    next: isErased ? null : await describeNext(context, reader, publication),
    why: await describeAnswer(context, reader, publication, { asked: query.why, role }),
    may: await allowedActions(context, reader, publication, role),
    form: isErased ? null : readerForm(context, reader, publication),
    joined: isErased ? [] : await describeConsents(context, reader, { publication, role }),
    timeline: await describeTimeline(context, reader, { publication, role, ...query }),
  });
}

/** Those there are translations for, and her own, which may be another: then she gets the newsletter's. */
function offeredLanguages({ templates }: ReaderContext, { locale }: Subscription) {
  const tags = [...new Set([...templates.languages, locale])];
  return tags
    .map((tag) => ({ tag, name: languageName(tag) }))
    .toSorted((one, other) => one.name.localeCompare(other.name, 'en'));
}

async function allowedActions(
  { db, now }: ReaderContext,
  reader: Subscription,
  { archivedAt }: Publication,
  role: Role,
) {
  const isOpen = mayChange(role) && archivedAt === null && !isTombstone(reader);
  const isPaused = isOpen && (await isPausedByOperator(db, reader.id));
  return {
    change: mayChange(role),
    own: role === 'owner',
    choose: isOpen && isSubscribed(reader),
    mailLink: isOpen && reader.status !== 'pending',
    pause: isOpen && reader.status === 'confirmed',
    resume: isPaused,
    isOwnPause: reader.status === 'paused' && !isPaused,
    unsubscribe: isOpen && reader.status !== 'unsubscribed',
    restore: isOpen && (await mayOperatorRestore(db, reader.id, now())),
    erase: mayChange(role) && !isTombstone(reader),
  };
}

async function describeStops({ db, hashAddress }: ReaderContext, reader: Subscription, { id }: Publication) {
  const stops = await listSuppressionsOf(db, id, addressHashes(hashAddress, reader.emailKey));
  return stops
    .filter(({ reason }) => reason !== 'erased')
    .map(({ id: entry, reason, domain, everywhere, createdAt }) => ({
      entry,
      domain,
      words: suppressionWords[reason],
      everywhere,
      since: createdAt,
    }));
}

/** Of states in which nothing is mailed. */
const NOTHING_NEXT: Readonly<Partial<Record<Subscription['status'], string>>> = {
  pending: 'She has not confirmed, and gets no digest before she has.',
  paused: 'She is paused, and gets no digest meanwhile.',
  unsubscribed: 'She has left.',
};

/** What she gets next, and when; `why`: the rule, where it is nothing. */
async function describeNext(context: ReaderContext, reader: Subscription, publication: Publication) {
  const nothing = NOTHING_NEXT[reader.status];
  if (nothing !== undefined) return { time: null, articles: 0, why: nothing, seeIt: null };
  const now = context.now();
  const { nextDueAt } = reader;
  const at = nextDueAt !== null && nextDueAt > now ? nextDueAt : now;
  const { digests, why } = await previewSubscription(context, publication, reader, at);
  const articles = digests.reduce((sum, digest) => sum + digest.articles.length, 0);
  const mayBeMailed = await isMailed(context, reader, publication);
  return {
    time: mayBeMailed ? describeNextTime(reader, now) : null,
    articles,
    why: articles === 0 ? why : null,
    seeIt: mayBeMailed ? reader.cadence : null,
  };
}

function describeNextTime({ nextDueAt, timezone, cadence }: Subscription, now: Date): string | null {
  if (nextDueAt === null) return cadence === 'instant' ? 'With the next article' : null;
  return nextDueAt > now ? formatWeekdayTime(nextDueAt, usableTimeZone(timezone), 'en') : 'Within minutes';
}

async function isMailed(
  { db, hashAddress }: ReaderContext,
  { emailKey }: Subscription,
  { id, archivedAt, liveAt }: Publication,
): Promise<boolean> {
  return (
    archivedAt === null &&
    liveAt !== null &&
    !(await isSuppressed(db, id, addressHashes(hashAddress, emailKey)))
  );
}

async function describeAnswer(
  context: ReaderContext,
  reader: Subscription,
  publication: Publication,
  { asked, role }: { asked: string | undefined; role: Role },
) {
  const { lines } = await readDigestList(context, publication, {
    before: undefined,
    limit: DIGESTS_TO_ASK_ABOUT,
  });
  const formatTime = (at: Date) => formatDateTime(at, publication.timezone, 'en');
  const digests = lines.map(({ id, name, sentAt, createdAt }) => ({
    id,
    name,
    date: formatTime(sentAt ?? createdAt),
  }));
  const digest = asked === undefined ? undefined : await findDigest(context.db, asked);
  if (digest === undefined || digest.publicationId !== publication.id)
    return { digests, asked: null, answer: null, words: null };
  const why = await explainDigest(context, reader, digest);
  const words = why.rule === 'delivery' ? why.answer : null;
  return {
    digests,
    asked: digest.id,
    answer: describeWhy(why, formatTime),
    words: words !== null && !maySeeAddresses(role) ? redactAddresses(words) : words,
  };
}

function readerForm({ now }: ReaderContext, reader: Subscription, publication: Publication) {
  const topics = offeredTopics(reader.topics, publication.topics);
  return choicesForm(reader, { ...publication, topics }, 'en', now());
}

/** How she joined: the page, the words and the times. From where she pressed is shown to who may see her address. */
async function describeConsents(
  { db }: ReaderContext,
  reader: Subscription,
  { publication, role }: { publication: Publication; role: Role },
) {
  const formatTime = (at: Date) => formatDateTime(at, publication.timezone, 'en');
  const consents = await listConsents(db, reader.id);
  return consents
    .filter(({ kind, takenBackAt }) => kind === 'confirmed' && takenBackAt === null)
    .toReversed()
    .map(({ wording, source, requestedAt, createdAt, requestIp, confirmIp }) => ({
      wording,
      source,
      asked: requestedAt && formatTime(requestedAt),
      confirmed: formatTime(createdAt),
      requestIp: maySeeAddresses(role) ? requestIp : null,
      confirmIp: maySeeAddresses(role) ? confirmIp : null,
    }));
}

async function describeTimeline(
  context: ReaderContext,
  reader: Subscription,
  {
    publication,
    role,
    show,
    before,
  }: {
    publication: Publication;
    role: Role;
    show: (typeof timelineViews)[number];
    before?: string | undefined;
  },
) {
  const page = { before, limit: TIMELINE_SIZE };
  const { entries, next } = await readReaderTimeline(context, reader, show, page);
  const formatTime = (at: Date) => formatDateTime(at, publication.timezone, 'en');
  const words = { words: context.templates.operatorWords, formatTime, role };
  return { show, before: before ?? null, next, rows: entries.map((entry) => timelineRow(entry, words)) };
}
