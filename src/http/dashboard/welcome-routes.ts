import express, { type Response, type Router } from 'express';
import { z } from 'zod';
import { renderEditorNote } from '../../digests/compose/editor-note.js';
import type { Context } from '../../platform/context.js';
import { updatePublication } from '../../publications/change-publication.js';
import { settingsSchema, type Publication } from '../../publications/publication.js';
import { findPublicationByAnySlug } from '../../publications/reads.js';
import { sendError } from '../errors/error-responses.js';
import { signedInOperator } from '../middleware/access-guards.js';
import { readForm } from '../middleware/read-body.js';
import { choosePublication } from './choose-publication.js';

type WelcomeContext = Pick<Context, 'db' | 'templates'>;

/** A form's lines end in CRLF (HTML standard, form submission); an empty text takes the words away. */
const welcomeForm = z.object({
  publication: z.string(),
  welcomeText: z
    .string()
    .transform((text) => text.replaceAll('\r\n', '\n').trim())
    .transform((text) => (text === '' ? null : text)),
});

/** The page with the publisher's own words in the mail that welcomes a reader. */
export function welcomeRoutes(context: WelcomeContext): Router {
  const { db } = context;
  const router = express.Router();

  router.get('/', async (req, res) => {
    const { publication: slug, done } = req.query;
    const publication = await choosePublication(context, slug);
    if (publication === undefined) return sendError(context, req, res, { status: 404, page: 'notFound' });
    const flash = done === 'saved' ? 'Saved. Readers who confirm from now on get it so.' : null;
    return showPage(context, res, publication, { text: publication.welcomeText ?? '', flash });
  });

  router.post('/', async (req, res) => {
    await readForm(req, res);
    const form = welcomeForm.safeParse(req.body);
    const publication = form.success ? await findPublicationByAnySlug(db, form.data.publication) : undefined;
    if (!form.success || publication === undefined)
      return sendError(context, req, res, { status: 404, page: 'notFound' });
    const parsed = settingsSchema.shape.welcomeText.safeParse(form.data.welcomeText);
    if (!parsed.success) {
      const mistake = `Nothing was saved: the text ${parsed.error.issues[0]?.message ?? 'cannot be used'}.`;
      return showPage(context, res.status(422), publication, { text: form.data.welcomeText ?? '', mistake });
    }
    await updatePublication(context, publication.id, { welcomeText: parsed.data });
    const query = new URLSearchParams({ publication: publication.slug, done: 'saved' });
    return res.redirect(303, `/operator/welcome?${query.toString()}`);
  });

  return router;
}

function showPage(
  { templates }: WelcomeContext,
  res: Response,
  publication: Publication,
  { text, flash = null, mistake = null }: { text: string; flash?: string | null; mistake?: string | null },
): void {
  const preview = publication.welcomeText === null ? null : renderEditorNote(publication.welcomeText).text;
  const signedIn = signedInOperator(res)?.email ?? null;
  const data = { publication, text, flash, mistake, preview, signedIn };
  res.type('html').send(templates.page('dashboard-welcome', 'en', data));
}
