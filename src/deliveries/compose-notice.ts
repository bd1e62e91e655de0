import { findArticleAt } from '../articles/identity-reads.js';
import { listLatestReleased } from '../articles/reads.js';
import { excerpt } from '../articles/excerpt.js';
import type { Context } from '../platform/context.js';
import { composeMessage } from '../platform/mail/compose.js';
import type { Sign } from '../platform/mail/message-template.js';
import type { RenderedEmail, TemplateData } from '../platform/templates.js';
import { noticeSender, type Publication } from '../publications/publication.js';
import { findSignUpRequest } from '../subscribers/request-reads.js';
import type { Subscription } from '../subscribers/subscription.js';
import { confirmUrl, manageUrl, messageId, neverUrl, unsubscribeUrl } from './mail-names.js';
import { composeAlert } from './compose-alert.js';
import { composeOwnNotice } from './compose-own-notice.js';
import type { Addressed } from './notice-recipient.js';
import { isOwn } from './own-notice.js';
import type { SubscriptionNotice } from './notice-reads.js';
import { nextDigest } from './wording.js';

type ComposeContext = Pick<Context, 'db' | 'now' | 'links' | 'publicUrl' | 'templates'>;
type Parts = { notice: SubscriptionNotice; publication: Publication; reader: Subscription };

/**
 * A notice as a message. Nothing a visitor typed is in it but her own address (S14, S26); no List-Unsubscribe, which
 * would succeed without an effect; marked as written by a machine (RFC 3834). Undefined: what it would tell is over.
 */
export async function composeNotice(
  context: ComposeContext,
  { addressed, publication }: { addressed: Addressed; publication: Publication },
  sign?: Sign,
): Promise<Buffer | undefined> {
  const { notice, to } = addressed;
  const mail = await write(context, addressed, publication);
  if (mail === undefined) return undefined;
  return composeMessage(
    {
      from: noticeSender(publication),
      to: { address: to.email },
      ...mail,
      messageId: messageId(context.links, publication, { scope: publication.id, subject: notice.id }),
      date: notice.createdAt,
      headers: [{ name: 'Auto-Submitted', value: 'auto-generated' }],
    },
    sign,
  );
}

async function write(
  context: ComposeContext,
  addressed: Addressed,
  publication: Publication,
): Promise<RenderedEmail | undefined> {
  if (addressed.kind === 'to-operator') return composeAlert(context, addressed, publication);
  const { notice, to: reader } = addressed;
  if (isOwn(notice)) return composeOwnNotice(context, { notice, publication, reader });
  const data = await dataOf(context, { notice, publication, reader });
  return context.templates.email(notice.kind, reader.locale, data);
}

async function dataOf(
  context: ComposeContext,
  { notice, publication, reader }: Parts,
): Promise<TemplateData> {
  const common = { publication, email: reader.email, zone: reader.timezone };
  switch (notice.kind) {
    case 'confirmation':
      return {
        ...common,
        confirmUrl: confirmUrl(context, reader, notice.expiresAt),
        neverUrl: neverUrl(context, reader),
        // The zone a stranger typed into a form is not hers yet.
        zone: publication.timezone,
        requestedAt: notice.createdAt,
        expiresAt: notice.expiresAt,
        page: await askedOn(context, notice),
      };
    case 'already-subscribed':
      return {
        ...common,
        unsubscribeUrl: unsubscribeUrl(context, reader),
        manageUrl: manageUrl(context, reader),
        since: reader.confirmedAt ?? reader.createdAt,
      };
    case 'welcome':
      return {
        ...common,
        unsubscribeUrl: unsubscribeUrl(context, reader),
        manageUrl: manageUrl(context, reader),
        nextDigest: nextDigest(context, reader),
        articles: await latest(context, publication),
      };
  }
}

/** What a visitor named is not repeated: the title is the publisher's own, of an article that is there (S26). */
async function askedOn({ db }: Pick<Context, 'db'>, { causeId, publicationId }: Parts['notice']) {
  const request = await findSignUpRequest(db, causeId);
  const article = request && (await findArticleAt(db, publicationId, request.source));
  return article?.title ?? null;
}

async function latest({ db }: Pick<Context, 'db'>, publication: Publication) {
  const articles = await listLatestReleased(db, publication.id, 3);
  return articles.map(({ title, url, summary }) => ({ title, url, summary: excerpt(summary, 160) }));
}
