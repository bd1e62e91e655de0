import { addFeed } from '../articles/add-feed.js';
import { moveFeed } from '../articles/move-feed.js';
import { pollFeed } from '../articles/poll-feed.js';
import { listFeeds } from '../articles/feed-reads.js';
import { ownOffer, type OwnOffer } from '../http/public/own-offer.js';
import { createOperator } from '../operators/accounts.js';
import type { Context } from '../platform/context.js';
import { createPublication } from '../publications/create.js';
import type { Publication } from '../publications/publication.js';
import { findPublicationBySlug, listPublications } from '../publications/reads.js';
import { setPublication } from '../publications/set.js';

const SLUG = 'harbour-lantern';
/** Whom the demo's alerts go to; /inbox shows them. */
const EDITOR = 'editor@lantern.example';
const NO_OFFER: OwnOffer = {
  perWeek: null,
  feedUrl: null,
  topics: [],
  cadences: [],
  changed: false,
  formTime: '',
  underAttack: false,
};

/** Makes the demo's publication when the database is empty, and keeps its addresses right when the port changed. */
export async function prepareDemo(context: Context): Promise<void> {
  const siteUrl = `${context.publicUrl}/demo`;
  if ((await listPublications(context.db)).length === 0) await createDemo(context, siteUrl);
  const publication = await findPublicationBySlug(context.db, SLUG);
  if (publication === undefined) return;
  if (publication.siteUrl !== siteUrl) await setPublication(context, publication.id, { siteUrl });
  const [feed] = await listFeeds(context.db, publication.id);
  const url = `${siteUrl}/feed.xml`;
  if (feed === undefined) await addFeed(context, { publicationId: publication.id, url, includeNewest: 0 });
  else if (feed.url !== url) await moveFeed(context, feed.id, url);
}

/** The form of the demo's pages signs up for the demo, or for whatever there is. */
export async function demoPublication({ db }: Pick<Context, 'db'>): Promise<{ slug: string; name: string }> {
  const known = (await findPublicationBySlug(db, SLUG)) ?? (await listPublications(db))[0];
  return known ?? { slug: SLUG, name: 'The Harbour Lantern' };
}

/** What that form says and asks beside the address. */
export async function demoOffer(
  context: Pick<Context, 'db' | 'links' | 'now' | 'templates'>,
): Promise<OwnOffer> {
  const { slug } = await demoPublication(context);
  const publication = await findPublicationBySlug(context.db, slug);
  return publication === undefined ? NO_OFFER : await ownOffer(context, publication);
}

/** Looks at the demo's feed at once, as a publisher's site would ask us to. */
export async function pollDemo(context: Context): Promise<void> {
  const publication = await findPublicationBySlug(context.db, SLUG);
  for (const feed of publication === undefined ? [] : await listFeeds(context.db, publication.id)) {
    await pollFeed(context, feed.id);
  }
}

async function createDemo(context: Context, siteUrl: string): Promise<void> {
  const timezone: Publication['timezone'] = Intl.DateTimeFormat().resolvedOptions().timeZone;
  await createPublication(context, {
    slug: SLUG,
    name: 'The Harbour Lantern',
    siteUrl,
    fromAddress: 'newsletter@lantern.example',
    noticeAddress: 'confirm@lantern.example',
    contact: 'hello@lantern.example',
    postalAddress: '3 Quay Street, Marrowby',
    timezone,
    defaultCadence: 'instant',
    topics: ['Harbour', 'Town', 'Kitchen', 'Shore'],
    holdMinutes: 0,
  });
  await createOperator(context, { email: EDITOR, name: null, role: 'owner' });
}
