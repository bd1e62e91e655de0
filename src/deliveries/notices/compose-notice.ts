import { listLatestReleased, findArticleByUrl } from '../../articles/reads.js';
import { excerpt } from '../../articles/clean/excerpt.js';
import type { Context } from '../../platform/context.js';
import { composeMessage } from '../../platform/mail/mime/compose.js';
import type { Mail } from '../../platform/mail/mime/mail.js';
import type { Sign } from '../../platform/mail/mime/message-template.js';
import type { RenderedEmail, TemplateData } from '../../platform/templates/templates.js';
import { noticeFrom } from '../../publications/from-header.js';
import type { Publication } from '../../publications/publication.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { confirmUrl, manageUrl, messageId, neverUrl, unsubscribeUrl } from '../mail-urls.js';
import type { EditorNote } from '../../digests/compose/editor-note.js';
import { describeRhythm } from '../rhythm-text.js';
import { composeAccountNotice, composeInvitation } from './compose-account-notice.js';
import { composeAlert } from './compose-alert.js';
import { composeForward } from './compose-forward.js';
import { composeSelfServiceNotice } from './compose-self-service.js';
import type { AddressedNotice } from './recipient.js';
import { isSelfService } from './self-service-notice.js';
import type { SubscriptionNotice } from './notice.js';
import { describeNextDigest } from './next-digest-text.js';
import { findSignUpRequest } from '../../subscribers/sign-up/reads.js';
import { requestedLocale, type SignUpRequest } from '../../subscribers/sign-up/request.js';

type ComposeContext = Pick<Context, 'db' | 'now' | 'links' | 'publicUrl' | 'templates'>;
type Parts = {
  notice: SubscriptionNotice;
  publication: Publication;
  reader: Subscription;
  /** That a confirmation answers. */
  request: SignUpRequest | undefined;
};

/**
 * A notice as a message. Of what a visitor typed it has only her own address, so that nobody can mail words
 * to a stranger through a form; no List-Unsubscribe, which would succeed without an effect; marked as sent by a program (RFC 3834).
 * Undefined: what it would tell is over.
 */
export async function composeNotice(
  context: ComposeContext,
  parts: NoticeParts,
  sign?: Sign,
): Promise<Buffer | undefined> {
  const { addressed, publication } = parts;
  const { notice, to } = addressed;
  const mail = await renderNotice(context, parts);
  if (mail === undefined) return undefined;
  return composeMessage(
    {
      from: noticeFrom(publication),
      to: { address: to.email },
      ...mail,
      messageId: messageId(context.links, publication, { scope: publication.id, subject: notice.id }),
      date: notice.createdAt,
      headers: [{ name: 'Auto-Submitted', value: 'auto-generated' }],
    },
    sign,
  );
}

/** `transportId`: of the server that it goes through. */
type NoticeParts = { addressed: AddressedNotice; publication: Publication; transportId: number };

type NoticeContent = RenderedEmail & Pick<Mail, 'attached'>;

async function renderNotice(
  context: ComposeContext,
  { addressed, ...rest }: NoticeParts,
): Promise<NoticeContent | undefined> {
  const { publication } = rest;
  if (addressed.kind === 'to-publisher') return composeForward(context, addressed, publication);
  if (addressed.kind === 'to-invited') return composeInvitation(context, addressed.to, publication);
  if (addressed.kind === 'to-operator')
    return isAlert(addressed)
      ? composeAlert(context, addressed, rest)
      : composeAccountNotice(context, addressed, publication);
  const { notice, to: reader } = addressed;
  if (isSelfService(notice)) return composeSelfServiceNotice(context, { notice, publication, reader });
  const request =
    notice.kind === 'confirmation' ? await findSignUpRequest(context.db, notice.causeId) : undefined;
  const data = await noticeData(context, { notice, publication, reader, request });
  return context.templates.email(notice.kind, requestedLocale(request, reader, publication), data);
}

function isAlert({ notice }: Extract<AddressedNotice, { kind: 'to-operator' }>): boolean {
  return notice.kind === 'alert';
}

async function noticeData(
  context: ComposeContext,
  { notice, publication, reader, request }: Parts,
): Promise<TemplateData> {
  const language = context.templates.resolveLocale(reader.locale, publication.locale);
  const common = { publication, email: reader.email, zone: reader.timezone };
  switch (notice.kind) {
    case 'confirmation':
      return {
        ...common,
        confirmUrl: confirmUrl(context, reader, notice.expiresAt),
        neverUrl: neverUrl(context, reader),
        // Whoever filled in the form may be a stranger: the zone in it is not hers until she confirms.
        zone: publication.timezone,
        requestedAt: notice.createdAt,
        expiresAt: notice.expiresAt,
        page: await signUpArticleTitle(context, publication, request),
      };
    case 'already-subscribed':
      return {
        ...common,
        unsubscribeUrl: unsubscribeUrl(context, reader),
        manageUrl: manageUrl(context, reader),
        since: reader.confirmedAt ?? reader.createdAt,
        rhythm: describeRhythm(context, reader, language),
      };
    case 'welcome':
      return {
        ...common,
        unsubscribeUrl: unsubscribeUrl(context, reader),
        manageUrl: manageUrl(context, reader),
        nextDigest: describeNextDigest(context, reader, publication),
        rhythm: describeRhythm(context, reader, language),
        note: await welcomeNote(publication),
        articles: await latestArticles(context, publication),
      };
  }
}

/** The publisher's own words. The Markdown parser is loaded with the first: most workers never see any. */
async function welcomeNote({ welcomeText }: Publication): Promise<EditorNote | null> {
  if (welcomeText === null) return null;
  const { renderEditorNote } = await import('../../digests/compose/editor-note.js');
  return renderEditorNote(welcomeText);
}

/** The title of the article where she signed up, as the publisher wrote it: what her browser sent is not repeated. */
async function signUpArticleTitle(
  { db }: Pick<Context, 'db'>,
  { id }: Publication,
  request: Parts['request'],
) {
  const article = request && (await findArticleByUrl(db, id, request.source));
  return article?.title ?? null;
}

async function latestArticles({ db }: Pick<Context, 'db'>, publication: Publication) {
  const articles = await listLatestReleased(db, publication.id, 3);
  return articles.map(({ title, url, summary }) => ({ title, url, summary: excerpt(summary, 160) }));
}
