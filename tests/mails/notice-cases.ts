import { excerpt } from '../../src/articles/clean/excerpt.js';
import { maskAddress } from '../../src/subscribers/address.js';
import type { RenderedEmail } from '../../src/platform/templates/templates.js';
import { article, date, findCase, readerValues, lantern, templates } from './digest-cases.js';
import { describeRhythm } from '../../src/deliveries/rhythm-text.js';
import { renderEditorNote, type EditorNote } from '../../src/digests/compose/editor-note.js';
import { DAY_MS, HOUR_MS } from '../../src/platform/durations.js';

const base = 'https://mail.lantern.example';
/** As long as a real token that expires, and one that does not. */
const token = 't'.repeat(38);
const lasting = 't'.repeat(34);
const another = 'her.other.address@example.org';
/** The new address may be a stranger's: it does not see the old one. */
const masked = maskAddress(another);

type NoticeValues = {
  lastsMs: number;
  url?: string;
  other?: string;
  merged?: boolean;
  page?: string;
  leftAt?: Date;
  note?: EditorNote;
};
type NoticeCase = { kind: string; locale: string; values: NoticeValues };

/** The kinds of notice with their values, by the beginning of their files' names. */
const noticeKinds: Record<string, Omit<NoticeCase, 'locale'>> = {
  confirmation: { kind: 'confirmation', values: { lastsMs: 3 * DAY_MS } },
  'confirmation-page': {
    kind: 'confirmation',
    values: { lastsMs: 3 * DAY_MS, page: 'Nobody owns the yellow buoy' },
  },
  'already-subscribed': { kind: 'already-subscribed', values: { lastsMs: DAY_MS } },
  welcome: { kind: 'welcome', values: { lastsMs: DAY_MS } },
  'welcome-words': {
    kind: 'welcome',
    values: {
      lastsMs: DAY_MS,
      note: renderEditorNote(
        'Welcome aboard.\n\nWrite to *Ines* with what you miss: [her page](https://lantern.example/ines).',
      ),
    },
  },
  'manage-link': { kind: 'manage-link', values: { lastsMs: HOUR_MS, url: `${base}/manage/${token}` } },
  'manage-link-left': {
    kind: 'manage-link',
    values: { lastsMs: HOUR_MS, url: `${base}/manage/${token}`, leftAt: date },
  },
  left: { kind: 'left', values: { lastsMs: DAY_MS, url: `${base}/unsubscribe/${lasting}`, leftAt: date } },
  repair: {
    kind: 'repair',
    values: { lastsMs: 3 * DAY_MS, url: `${base}/manage/${token}` },
  },
  'address-confirm': {
    kind: 'address-confirm',
    values: { lastsMs: 3 * DAY_MS, url: `${base}/manage/${token}`, other: masked },
  },
  'address-asked': { kind: 'address-asked', values: oldAddressValues(false) },
  'address-moved': { kind: 'address-moved', values: oldAddressValues(false) },
  'address-merged': { kind: 'address-moved', values: oldAddressValues(true) },
  'address-returned': { kind: 'address-returned', values: newAddressValues(false) },
  'address-parted': { kind: 'address-returned', values: newAddressValues(true) },
};

/** Every golden notice: each kind in English, in Arabic, which is written from right to left, and in Swahili. */
export const notices: Record<string, NoticeCase> = Object.fromEntries(
  Object.entries(noticeKinds).flatMap(([name, mail]) =>
    ['en', 'ar', 'sw'].map((locale) => [`${name}-${locale}`, { ...mail, locale }]),
  ),
);

/** A notice as its reader gets it. */
export function writeNotice(name: string): RenderedEmail {
  const { kind, locale, values } = findCase(notices, name);
  const { lastsMs, ...own } = values;
  return templates.email(kind, locale, {
    publication: lantern,
    ...readerValues,
    zone: 'Africa/Nairobi',
    confirmUrl: `${base}/confirm/${token}`,
    neverUrl: `${base}/never/${lasting}`,
    requestedAt: date,
    expiresAt: new Date(date.getTime() + lastsMs),
    since: date,
    nextDigest: templates.t(locale, 'nextDigest.instant'),
    rhythm: describeRhythm({ templates }, { ...lantern, cadence: 'instant', atMostDaily: false }, locale),
    note: null,
    articles: latestArticles(),
    merged: false,
    leftAt: null,
    undoUntil: new Date(date.getTime() + DAY_MS),
    ...own,
  });
}

/** The old address sees both, and may take the change back for a week. */
function oldAddressValues(merged: boolean): NoticeValues {
  return { lastsMs: 7 * DAY_MS, url: `${base}/manage/${token}`, other: another, merged };
}

/** What the new address is told when the change is taken back; one that was subscribed already goes on reading. */
function newAddressValues(merged: boolean): NoticeValues {
  return { lastsMs: 3 * DAY_MS, other: masked, merged };
}

function latestArticles() {
  return [article(0), article(1)].map(({ title, url, summary }) => ({
    title,
    url,
    summary: excerpt(summary, 160),
  }));
}
