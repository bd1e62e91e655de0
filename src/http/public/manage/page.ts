import { readDeliveryLog } from '../../../deliveries/self-service/delivery-log.js';
import { unsubscribeUrl } from '../../../deliveries/mail-urls.js';
import { describeNextDigest } from '../../../deliveries/notices/next-digest-text.js';
import type { Context } from '../../../platform/context.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import { offeredTopics } from '../../../subscribers/preferences/merge-topics.js';
import { localDate, pauseDateRange } from '../../../subscribers/preferences/pause-end.js';
import type { Subscription } from '../../../subscribers/subscription.js';
import { choicesForm } from '../choices-form.js';
import type { ManageLink } from './link.js';
import { readSelfServiceSections } from './self-service-sections.js';
import { sections, type Section, type TypedPause } from './forms.js';

export type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress' | 'publicUrl'>;

/** What was wrong with the form she sent. */
export type Mistake = { section: Section; typed?: TypedPause };

type ManagePageRequest = { token: string; query: Record<string, unknown>; mistake?: Mistake };

/** The settings page: how it is now, a form for each thing that can be changed, and the last mails. */
export async function renderManagePage(
  context: PageContext,
  manager: ManageLink,
  look: ManagePageRequest,
): Promise<string> {
  const { subscription, publication } = manager;
  const own = await readSelfServiceSections(context, manager, look.query);
  return context.templates.page('manage', subscription.locale, {
    publication,
    subscription,
    token: look.token,
    ...own,
    changeable: mayChangePreferences(manager),
    writing: mayChangePreferences(manager) && own.stopped === null,
    saved: savedIn(look, subscription),
    mistake: look.mistake?.section ?? null,
    nextDigest: describeNextDigest(context, subscription),
    form: settingsForm(context, manager),
    pause: pauseForm(context, subscription, look.mistake?.typed),
    log: await readDeliveryLog(context, subscription),
    unsubscribeUrl: unsubscribeUrl(context, subscription),
  });
}

/** Who has left, or was never confirmed, has nothing to choose; nor does anybody when the newsletter has stopped. */
export function mayChangePreferences({ subscription, publication }: ManageLink): boolean {
  const { status } = subscription;
  return publication.archivedAt === null && (status === 'confirmed' || status === 'paused');
}

/** The form that led here, as far as its effect is still so. */
function savedIn({ query, mistake }: ManagePageRequest, { status }: Subscription): Section | null {
  const saved = mistake === undefined ? sections.find((section) => section === query['saved']) : undefined;
  if (saved === 'pause' && status !== 'paused') return null;
  return saved === 'resume' && status !== 'confirmed' ? null : (saved ?? null);
}

function settingsForm({ now }: PageContext, { subscription, publication }: ManageLink): TemplateData {
  const topics = offeredTopics(subscription.topics, publication.topics);
  return choicesForm(subscription, { ...publication, topics }, subscription.locale, now());
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
