import express, { type Response, type Router } from 'express';
import { z } from 'zod';
import { renderEditorNote } from '../../../digests/compose/editor-note.js';
import type { Context } from '../../../platform/context.js';
import { updatePublication } from '../../../publications/change-publication.js';
import { settingsSchema } from '../../../publications/publication.js';
import { readForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { sendNotFound } from '../frame/own-row.js';

type WelcomeContext = Pick<Context, 'db' | 'now' | 'templates'>;

/** A form's lines end in CRLF (HTML standard, form submission); an empty text takes the words away. */
const welcomeForm = z.object({
  welcomeText: z
    .string()
    .transform((text) => text.replaceAll('\r\n', '\n').trim())
    .transform((text) => (text === '' ? null : text)),
});

/** The page with the publisher's own words in the mail that welcomes a reader. */
export function welcomeRoutes(context: WelcomeContext): Router {
  const router = express.Router();

  router.get('/', (req, res) => {
    const flash = findFlash(
      { saved: 'Saved. Readers who confirm from now on get it so.' },
      req.query['done'],
    );
    return showPage(context, res, { text: publicationDeskOf(res).publication.welcomeText ?? '', flash });
  });

  router.post('/', async (req, res) => {
    await readForm(req, res);
    const { publication } = publicationDeskOf(res);
    const form = welcomeForm.safeParse(req.body);
    if (!form.success) return sendNotFound(context, req, res);
    const parsed = settingsSchema.shape.welcomeText.safeParse(form.data.welcomeText);
    if (!parsed.success) {
      const mistake = `Nothing was saved: the text ${parsed.error.issues[0]?.message ?? 'cannot be used'}.`;
      return showPage(context, res.status(422), { text: form.data.welcomeText ?? '', mistake });
    }
    await updatePublication(asOperator(context, res), publication.id, { welcomeText: parsed.data });
    return res.redirect(303, `${deskPath(publication)}/look/welcome?done=saved`);
  });

  return router;
}

function showPage(
  context: WelcomeContext,
  res: Response,
  { text, flash = null, mistake = null }: { text: string; flash?: string | null; mistake?: string | null },
): void {
  const { welcomeText } = publicationDeskOf(res).publication;
  const preview = welcomeText === null ? null : renderEditorNote(welcomeText).text;
  sendDeskPage(context, res, 'dashboard-welcome', { text, flash, mistake, preview });
}
