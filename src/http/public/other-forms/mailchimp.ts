import express, { type Request, type Response, type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { escapeHtml } from '../../../platform/text/escape-html.js';
import type { Publication } from '../../../publications/publication.js';
import type { FormReceiver } from '../../../subscribers/sign-up/receive-form.js';
import { sendError, setErrorPublication } from '../../errors/error-responses.js';
import { allowAllOrigins } from '../../middleware/cors.js';
import { sendResult } from '../sign-up/send-result.js';
import { chooseNewsletters } from './choose-newsletters.js';
import { describeFailure } from './describe-failure.js';
import { queryFields, readFormFields, type FormFields } from './read-form.js';
import { receiveOtherForm, type OtherResult } from './receive.js';

type FormContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'>;

/** The hidden field of its forms, b_<account>_<audience>. */
const HONEYPOT = /^b_[0-9a-f]+_[0-9a-f]+$/i;

/** A function of the page's script: a name, or names with dots between. Anything else could be a script of its own. */
const CALLBACK = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*$/;
const MAX_CALLBACK_LENGTH = 100;

/**
 * Forms that Mailchimp gave out to be embedded: `/subscribe/post?u=…&id=…` with the field EMAIL, and what its script makes of that
 * address: `/subscribe/post-json?…&c=NAME`, a script that calls NAME with `{result, msg}`.
 */
export function mailchimpFormRoutes(
  context: FormContext,
  receiver: FormReceiver,
  listNewsletters: () => Promise<Publication[]>,
): Router {
  const router = express.Router();

  const receive = async (req: Request, fields: FormFields): Promise<OtherResult> => {
    const lists = [...queryFields(req).all('id'), ...fields.all('id')];
    return receiveOtherForm(receiver, req, {
      // MERGE0 is the name of the same field in its older forms.
      email: fields.first('EMAIL') || fields.first('MERGE0'),
      honeypot: fields
        .names()
        .filter((name) => HONEYPOT.test(name))
        .map((name) => fields.first(name))
        .join(''),
      newsletters: chooseNewsletters(await listNewsletters(), lists),
    });
  };

  // Also where the browser opens the address of a form again without sending it.
  router.get('/subscribe/post', async (req, res) => {
    const [newsletter] = chooseNewsletters(await listNewsletters(), queryFields(req).all('id'));
    return res.redirect(303, newsletter === undefined ? '/' : `/${newsletter.slug}`);
  });

  router.post('/subscribe/post', async (req, res) => {
    const received = await receive(req, await readFormFields(req, allowAllOrigins(res)));
    if (received.kind === 'none') return sendError(context, req, res, { status: 404, page: 'notFound' });
    setErrorPublication(res, received.publication);
    if (received.kind === 'invalid') return sendError(context, req, res, { status: 422, page: 'refused' });
    return await sendResult(context, req, res, received);
  });

  const answerScript = async (req: Request, res: Response, readFields: () => Promise<FormFields>) => {
    const callback = queryFields(req).first('c');
    if (callback !== '' && !isCallback(callback))
      return sendError(context, req, res, { status: 400, page: 'refused' });
    return sendAnswer(res, callback, answerOf(context, await receive(req, await readFields())));
  };

  // The only address of ours where GET is a form that was sent: scripts of other sites could read no answer to anything else.
  router.get('/subscribe/post-json', async (req, res, next) => {
    if (req.method === 'HEAD') return next();
    // A link that somebody was given is no form: only a script of a page asks for a script.
    if (req.get('sec-fetch-mode') === 'navigate') return res.redirect(303, '/');
    return await answerScript(req, res, async () => queryFields(req));
  });

  router.post('/subscribe/post-json', (req, res) => answerScript(req, res, () => readFormFields(req, res)));

  return router;
}

function isCallback(name: string): boolean {
  return CALLBACK.test(name) && name.length <= MAX_CALLBACK_LENGTH;
}

type Answer = { result: 'success' | 'error'; msg: string };

/** Scripts show `msg` as HTML, and put one that begins with `0 - ` beside the first field. */
function answerOf(context: Pick<Context, 'templates'>, received: OtherResult): Answer {
  const failure = describeFailure(context, received);
  if (failure !== undefined) {
    const { message, isAboutAddress } = failure;
    return { result: 'error', msg: `${isAboutAddress ? '0 - ' : ''}${escapeHtml(message)}` };
  }
  const locale = received.kind === 'none' ? 'en' : received.publication.locale;
  return { result: 'success', msg: escapeHtml(context.templates.t(locale, 'checkInbox.otherForm')) };
}

/** The status is 200 also for an error: a browser runs no script of another. */
function sendAnswer(res: Response, callback: string, answer: Answer): void {
  allowAllOrigins(res).set('Cache-Control', 'no-store');
  if (callback === '') return void res.json(answer);
  // A line or paragraph separator ends a string in older scripts (ECMA-262, before 2019).
  const json = JSON.stringify(answer).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  // The comment keeps a name from being the first bytes of a file of another type.
  res.type('application/javascript').send(`/**/${callback}(${json});`);
}
