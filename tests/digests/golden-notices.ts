import { excerpt } from '../../src/articles/excerpt.js';
import { maskAddress } from '../../src/subscribers/address.js';
import type { RenderedEmail } from '../../src/platform/templates.js';
import { article, date, found, hers, lantern, templates } from './golden-cases.js';

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;
const base = 'https://mail.lantern.example';
/** As long as a sealed link is. */
const token = 't'.repeat(82);
const another = 'her.other.address@example.org';
/** The new address may be a stranger's: it does not see the old one. */
const masked = maskAddress(another);

type Values = { lastsMs: number; url?: string; other?: string; merged?: boolean; page?: string };
type Mail = { kind: string; locale: string; values: Values };

/** What differs between the mails to one reader, by the name their files begin with. */
const kinds: Record<string, Omit<Mail, 'locale'>> = {
  confirmation: { kind: 'confirmation', values: { lastsMs: 3 * DAY_MS } },
  'confirmation-page': {
    kind: 'confirmation',
    values: { lastsMs: 3 * DAY_MS, page: 'Nobody owns the yellow buoy' },
  },
  'already-subscribed': { kind: 'already-subscribed', values: { lastsMs: DAY_MS } },
  welcome: { kind: 'welcome', values: { lastsMs: DAY_MS } },
  'manage-link': { kind: 'manage-link', values: { lastsMs: HOUR_MS, url: `${base}/manage/${token}` } },
  repair: {
    kind: 'repair',
    values: { lastsMs: 3 * DAY_MS, url: `${base}/manage/${token}/repair/confirm` },
  },
  'address-confirm': {
    kind: 'address-confirm',
    values: { lastsMs: 3 * DAY_MS, url: `${base}/manage/${token}/address/confirm`, other: masked },
  },
  'address-asked': { kind: 'address-asked', values: toOldAddress(false) },
  'address-moved': { kind: 'address-moved', values: toOldAddress(false) },
  'address-merged': { kind: 'address-moved', values: toOldAddress(true) },
  'address-returned': { kind: 'address-returned', values: toNewAddress(false) },
  'address-parted': { kind: 'address-returned', values: toNewAddress(true) },
};

/** Every notice that is kept as a file: each kind in a language written from the left, one from the right, and a third. */
export const notices: Record<string, Mail> = Object.fromEntries(
  Object.entries(kinds).flatMap(([name, mail]) =>
    ['en', 'ar', 'sw'].map((locale) => [`${name}-${locale}`, { ...mail, locale }]),
  ),
);

/** A notice as its reader gets it. */
export function writeNotice(name: string): RenderedEmail {
  const { kind, locale, values } = found(notices, name);
  const { lastsMs, ...own } = values;
  return templates.email(kind, locale, {
    publication: lantern,
    ...hers,
    zone: 'Africa/Nairobi',
    confirmUrl: `${base}/confirm/${'t'.repeat(90)}`,
    neverUrl: `${base}/never/token`,
    requestedAt: date,
    expiresAt: new Date(date.getTime() + lastsMs),
    since: date,
    nextDigest: templates.t(locale, 'next.instant'),
    articles: latest(),
    merged: false,
    ...own,
  });
}

/** The old address sees both, and may take the change back for a week. */
function toOldAddress(merged: boolean): Values {
  return { lastsMs: 7 * DAY_MS, url: `${base}/manage/${token}/address/cancel`, other: another, merged };
}

/** What the new address is told when the change is taken back; one that was subscribed already goes on reading. */
function toNewAddress(merged: boolean): Values {
  return { lastsMs: 3 * DAY_MS, other: masked, merged };
}

function latest() {
  return [article(0), article(1)].map(({ title, url, summary }) => ({
    title,
    url,
    summary: excerpt(summary, 160),
  }));
}
