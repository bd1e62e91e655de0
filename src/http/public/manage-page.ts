import { readLog } from '../../deliveries/delivery-log.js';
import { unsubscribeUrl } from '../../deliveries/mail-names.js';
import { nextDigest } from '../../deliveries/wording.js';
import type { Context } from '../../platform/context.js';
import type { TemplateData } from '../../platform/templates.js';
import { offeredTopics } from '../../subscribers/change-topics.js';
import { dayIn, pauseDays } from '../../subscribers/pause-until.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { choicesForm } from './choices-form.js';
import type { Manager } from './manage-token.js';
import { readOwnSections } from './own-sections.js';
import { sections, type Section, type TypedPause } from './preference-forms.js';

export type PageContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'hashAddress' | 'publicUrl'>;

/** What was wrong with the form she sent. */
export type Mistake = { section: Section; typed?: TypedPause };

type Look = { token: string; query: Record<string, unknown>; mistake?: Mistake };

/** The settings page: how it is now, a form for each thing that can be changed, and the last mails. */
export async function managePage(context: PageContext, manager: Manager, look: Look): Promise<string> {
  const { subscription, publication } = manager;
  const own = await readOwnSections(context, manager, look.query);
  return context.templates.page('manage', subscription.locale, {
    publication,
    subscription,
    token: look.token,
    ...own,
    changeable: mayChange(manager),
    writing: mayChange(manager) && own.stopped === null,
    saved: savedIn(look, subscription),
    mistake: look.mistake?.section ?? null,
    nextDigest: nextDigest(context, subscription),
    form: settingsForm(context, manager),
    pause: pauseForm(context, subscription, look.mistake?.typed),
    log: await readLog(context, subscription),
    unsubscribeUrl: unsubscribeUrl(context, subscription),
  });
}

/** Who has left, or was never confirmed, has nothing to choose; nor does anybody when the newsletter has stopped. */
export function mayChange({ subscription, publication }: Manager): boolean {
  const { status } = subscription;
  return publication.archivedAt === null && (status === 'confirmed' || status === 'paused');
}

/** The form that led here, as far as its effect is still so. */
function savedIn({ query, mistake }: Look, { status }: Subscription): Section | null {
  const saved = mistake === undefined ? sections.find((section) => section === query['saved']) : undefined;
  if (saved === 'pause' && status !== 'paused') return null;
  return saved === 'resume' && status !== 'confirmed' ? null : (saved ?? null);
}

function settingsForm({ now }: PageContext, { subscription, publication }: Manager): TemplateData {
  const topics = offeredTopics(subscription.topics, publication.topics);
  return choicesForm(subscription, { ...publication, topics }, subscription.locale, now());
}

function pauseForm({ now }: PageContext, reader: Subscription, typed?: TypedPause): TemplateData {
  return {
    ...pauseDays(reader.timezone, now()),
    ...(typed ?? pauseNow(reader)),
    broken: typed !== undefined,
  };
}

function pauseNow({ pausedUntil, timezone, catchUp, status }: Subscription): TypedPause {
  if (status !== 'paused' || pausedUntil === null) return { length: 'week', until: '', catchUp: false };
  return { length: 'date', until: dayIn(timezone, pausedUntil), catchUp };
}
