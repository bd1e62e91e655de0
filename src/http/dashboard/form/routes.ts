import express, { type Request, type Response, type Router } from 'express';
import { accentFor } from '../../../platform/templates/accent-colour.js';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import { renderSnippet, type SnippetKind } from '../../public/embed/snippet.js';
import { readTheme, type Theme } from '../../public/embed/theme.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { describePromptRules, promptFields, readPromptRules, withPromptRules } from './prompt-rules.js';

type FormContext = Pick<Context, 'db' | 'now' | 'templates' | 'publicUrl'>;

/** The forms to put on pages, each with what it looks like; what is chosen is in the address, and nothing is stored. */
export function formRoutes(context: FormContext): Router {
  const router = express.Router();
  router.get('/', (req, res) => showForms(context, req, res));
  return router;
}

async function showForms(context: FormContext, req: Request, res: Response): Promise<void> {
  const { publication } = publicationDeskOf(res);
  const theme = readTheme(req.query['theme']);
  const { rules, typed, mistakes } = readPromptRules(req.query);
  const snippets = await renderSnippets(context, res, theme);
  sendDeskPage(context, res.status(mistakes.length === 0 ? 200 : 422), 'dashboard-form', {
    theme: theme ?? null,
    snippets: { ...snippets, script: withPromptRules(snippets.script, rules) },
    sentences: describePromptRules(rules),
    buttonWord: context.templates.t(publication.locale, 'form.subscribe'),
    buttonColour: accentFor(publication.accent).light,
    prompt: rules.prompt,
    button: typed['button'],
    fields: promptFields.map(({ name, label }) => ({
      name,
      label,
      value: typed[name],
      mistake: mistakes.find((one) => one.name === name)?.words ?? null,
    })),
    mistakes,
    otherForms: otherForms(context, publication),
  });
}

/** Where forms that were made for another product have to lead, and which of their lists are this newsletter. */
function otherForms({ publicUrl }: Pick<FormContext, 'publicUrl'>, { formLists }: Publication) {
  return {
    listmonk: `${publicUrl}/subscription/form`,
    listmonkApi: `${publicUrl}/api/public/subscription`,
    mailchimp: `${publicUrl}/subscribe/post`,
    lists: formLists.join(', '),
  };
}

async function renderSnippets(context: FormContext, res: Response, theme: Theme | undefined) {
  const { publication } = publicationDeskOf(res);
  const { templates, publicUrl } = context;
  const render = (kind: SnippetKind) => renderSnippet(context, publication, kind, theme);
  const [script, isolated, plain] = await Promise.all([
    render('script'),
    render('isolated'),
    render('plain'),
  ]);
  const link = templates
    .page('partials/embed-link', publication.locale, { publication, home: publicUrl })
    .trim();
  const colour = accentFor(publication.accent).light;
  const button = templates
    .page('partials/embed-button', publication.locale, { publication, home: publicUrl, colour })
    .trim();
  return { script, isolated, plain, link, button };
}
