import type { Response } from 'express';
import type { PreviewMail } from '../../../../deliveries/preview/compose-preview.js';
import type { LinksChecked } from '../../../../deliveries/preview/check-links.js';
import { findLastTest, listTestRecipients } from '../../../../deliveries/preview/order-test.js';
import type { PreviewParts } from '../../../../deliveries/preview/parts.js';
import { readPreviewParts } from '../../../../deliveries/preview/preview-parts.js';
import type { TemplateData } from '../../../../platform/templates/templates.js';
import { publicationDeskOf, sendDeskPage, type PublicationDesk } from '../../frame/desk.js';
import { sendNotFound } from '../../frame/own-row.js';
import { composeInTurn } from './compose-in-turn.js';
import { describeLinks } from './check-words.js';
import { describeChoices } from './choices.js';
import { kindOf, lookQuery, readLook, type Look } from './look.js';
import { describeMail, describeReader } from './preview-page.js';
import type { Handled, Previews } from './previews.js';
import { NOT_COMPOSED } from './summary.js';
import { describeTest, followTest, testFlash } from './test-words.js';

/** What a page shows besides the mail. */
type Extras = { links?: LinksChecked; mistake?: string; typed?: string };

type Read =
  | { kind: 'mail'; mail: PreviewMail; parts: PreviewParts }
  | { kind: 'nothing'; why: string; reader: PreviewParts['reader'] }
  | { kind: 'unknown' };

/** The mail, as it is to be looked at. */
export async function readPreview(previews: Previews, { asked, res }: Handled, look: Look): Promise<Read> {
  const desk = publicationDeskOf(res);
  const wanted = { source: asked.source, as: kindOf(look), readerId: look.reader };
  const found = await readPreviewParts(previews.context, desk.publication, wanted);
  if (found.kind !== 'parts') return found;
  const { parts } = found;
  const mail = await composeInTurn(previews, desk, parts);
  return mail === undefined
    ? { kind: 'nothing', why: NOT_COMPOSED, reader: parts.reader }
    : { kind: 'mail', mail, parts };
}

export async function showPreview(previews: Previews, handled: Handled, extras: Extras = {}): Promise<void> {
  const { context } = previews;
  const { asked, req, res } = handled;
  const desk = publicationDeskOf(res);
  const look = readLook(req.query);
  const read = await readPreview(previews, handled, look);
  if (read.kind === 'unknown') return sendNotFound(context, req, res);
  return sendDeskPage(context, res, 'dashboard-preview', {
    path: res.app.get('base path') + asked.path,
    digestId: asked.source.kind === 'digest' ? asked.source.digestId : null,
    coming: asked.source.kind === 'coming' ? asked.source.coming : null,
    draftId: asked.source.kind === 'draft' ? asked.source.draftId : null,
    look,
    query: lookQuery(look),
    everybody: lookQuery({ ...look, reader: undefined }),
    reader: describeReader({ reader: read.kind === 'mail' ? read.parts.reader : read.reader }, desk.role),
    links: extras.links === undefined ? null : describeLinks(extras.links),
    mistake: extras.mistake ?? null,
    typed: extras.typed ?? '',
    ...(await describeTests(previews, desk, res, req.query['done'])),
    ...(await describeRead(previews, desk, { read, look })),
  });
}

async function describeRead(
  { context }: Previews,
  { publication }: PublicationDesk,
  { read, look }: { read: Exclude<Read, { kind: 'unknown' }>; look: Look },
): Promise<TemplateData> {
  if (read.kind === 'nothing') return { mail: null, why: read.why, rows: [], text: '', source: '' };
  const { mail, parts } = read;
  return {
    mail: await describeMail(context, publication, { mail, parts }),
    why: null,
    rows: describeChoices(look, {
      languages: context.templates.languages,
      language: mail.language,
      publication,
      lists: parts.lists,
      listId: parts.variantId ?? look.list,
    }),
    text: look.view === 'text' ? mail.text : '',
    source: look.view === 'source' ? sourceOf(mail) : '',
  };
}

async function describeTests(
  { context }: Previews,
  { publication, operator }: PublicationDesk,
  res: Response,
  done: unknown,
): Promise<TemplateData> {
  if (operator === undefined) return { test: null, recipients: [], flash: testFlash(done, null) };
  const [recipients, last] = [
    await listTestRecipients(context.db, publication.id, operator),
    await findLastTest(context, operator.id, publication.id),
  ];
  const test = describeTest(last, publication);
  followTest(res, last, context.now());
  return {
    test,
    flash: testFlash(done, test),
    recipients: recipients.map(({ id, email }) => ({ id, email })),
  };
}

/** As it is sent, without what SMTP adds: a dot before each at a line's beginning. */
function sourceOf(mail: PreviewMail): string {
  return Buffer.concat(mail.source().chunks)
    .toString('utf8')
    .replaceAll(/^\.\./gm, '.')
    .replaceAll('\r\n', '\n');
}
