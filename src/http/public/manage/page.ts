import { readDeliveryLog } from '../../../deliveries/self-service/delivery-log.js';
import { unsubscribeToken, unsubscribeUrl } from '../../../deliveries/mail-urls.js';
import { describeNextDigest } from '../../../deliveries/notices/next-digest-text.js';
import type { Context } from '../../../platform/context.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import { mayUndoUnsubscribe } from '../../../subscribers/leave/restore-subscription.js';
import { offeredTopics } from '../../../subscribers/preferences/merge-topics.js';
import { localDate, pauseDateRange } from '../../../subscribers/preferences/pause-end.js';
import { isSubscribed, type Subscription } from '../../../subscribers/subscription.js';
import { addressHashes } from '../../../subscribers/suppression/address-hashes.js';
import { isSuppressed } from '../../../subscribers/suppression/reads.js';
import { choicesForm } from '../choices-form.js';
import type { ManageLink } from './link.js';
import { readSelfServiceSections } from './self-service-sections.js';
import { sections, type Section, type TypedPause } from './forms.js';

export type PageContext = Pick<
  Context,
  'db' | 'now' | 'actor' | 'links' | 'templates' | 'hashAddress' | 'publicUrl'
>;

/** The form with a mistake, and what she typed into it. */
export type Mistake = { section: Section; typed?: TypedPause };

type ManagePageRequest = { token: string; query: Record<string, unknown>; mistake?: Mistake };

/** Renders the settings page: the current settings, a form for each of them, and the last mails. */
export async function renderManagePage(
  context: PageContext,
  manager: ManageLink,
  request: ManagePageRequest,
): Promise<string> {
  const { subscription, publication } = manager;
  const selfService = await readSelfServiceSections(context, manager, request.query);
  return context.templates.page('manage', subscription.locale, {
    publication,
    subscription,
    token: request.token,
    ...selfService,
    isChangeable: mayChangePreferences(manager),
    undoToken: await findUndoToken(context, subscription),
    receivesMail: mayChangePreferences(manager) && selfService.suppression === null,
    saved: savedIn(request, subscription),
    mistake: request.mistake?.section ?? null,
    nextDigest: describeNextDigest(context, subscription, publication),
    form: settingsForm(context, manager),
    pause: pauseForm(context, subscription, request.mistake?.typed),
    log: await readDeliveryLog(context, subscription),
    unsubscribeUrl: unsubscribeUrl(context, subscription),
  });
}

/** For the button that undoes leaving; null when it is too late for that, or her address is suppressed. */
async function findUndoToken(context: PageContext, subscription: Subscription): Promise<string | null> {
  const { db, now, hashAddress } = context;
  if (!mayUndoUnsubscribe(subscription, now())) return null;
  if (await isSuppressed(db, subscription.publicationId, addressHashes(hashAddress, subscription.emailKey)))
    return null;
  return unsubscribeToken(context, subscription);
}

/** True for a confirmed or paused subscription of a publication that is not archived. */
export function mayChangePreferences({ subscription, publication }: ManageLink): boolean {
  const { status } = subscription;
  return publication.archivedAt === null && isSubscribed({ status });
}

/** The form that was saved just before, unless its effect is over: a pause that was ended, or a resumption that was. */
function savedIn({ query, mistake }: ManagePageRequest, { status }: Subscription): Section | null {
  const saved = mistake === undefined ? sections.find((section) => section === query['saved']) : undefined;
  if (saved === 'pause' && status !== 'paused') return null;
  return saved === 'resume' && status !== 'confirmed' ? null : (saved ?? null);
}

function settingsForm(
  { now, templates }: PageContext,
  { subscription, publication }: ManageLink,
): TemplateData {
  const topics = offeredTopics(subscription.topics, publication.topics);
  const locale = templates.resolveLocale(subscription.locale, publication.locale);
  return choicesForm(subscription, { ...publication, topics }, locale, now());
}

function pauseForm({ now }: PageContext, reader: Subscription, typed?: TypedPause): TemplateData {
  return {
    ...pauseDateRange(reader.timezone, now()),
    ...(typed ?? currentPause(reader)),
    broken: typed !== undefined,
  };
}

function currentPause({ pausedUntil, timezone, catchUp, status }: Subscription): TypedPause {
  if (status !== 'paused' || pausedUntil === null) return { length: 'week', until: '', catchUp: false };
  return { length: 'date', until: localDate(timezone, pausedUntil), catchUp };
}
