import { Router, type Response } from 'express';
import { listInbox, readInboxMail, type InboxMail } from '../../platform/embedded/inbox.js';
import type { Templates } from '../../platform/templates/templates.js';

type InboxOptions = { templates: Templates; inboxDir: string };

const REFRESH_SECONDS = 4;
const MAX_MAILS_SHOWN = 100;

/** Popups let the reader's click on a link work; what opens is an ordinary tab outside the sandbox. */
const SANDBOX = 'sandbox allow-popups allow-popups-to-escape-sandbox';
const MAIL_POLICY = `${SANDBOX}; default-src 'none'; img-src https: data:; style-src 'unsafe-inline'`;

/** The development inbox: what would have been mailed, as the reader sees it and as the server got it. */
export function inboxRoutes({ templates, inboxDir }: InboxOptions): Router {
  const router = Router();

  router.get('/', async (req, res) => {
    const mails = await listInbox(inboxDir, MAX_MAILS_SHOWN);
    const refreshing = req.query.refresh !== 'off';
    if (refreshing) res.set('Refresh', String(REFRESH_SECONDS));
    res.send(templates.page('inbox', 'en', { mails: mails.map(inboxRow), refreshing, zone: serverZone() }));
  });

  router.get('/:id', async (req, res, next) => {
    const mail = await readInboxMail(inboxDir, req.params.id);
    if (!mail) return next();
    const view = chooseView(req.query.view, mail);
    return res.send(
      templates.page('inbox-mail', 'en', { mail: inboxMailView(mail), view, zone: serverZone() }),
    );
  });

  router.get('/:id/html', async (req, res, next) => {
    const mail = await readInboxMail(inboxDir, req.params.id);
    if (mail?.html === undefined) return next();
    return setSandboxHeaders(res, MAIL_POLICY).type('html').send(withLinksInNewTabs(mail.html));
  });

  router.get('/:id/raw', async (req, res, next) => {
    const mail = await readInboxMail(inboxDir, req.params.id);
    if (!mail) return next();
    return setSandboxHeaders(res, 'sandbox').type('text/plain').send(mail.raw);
  });

  return router;
}

/** Bytes somebody else wrote: never as our own origin, and framed by nobody but us. */
function setSandboxHeaders(res: Response, policy: string): Response {
  return res.set({
    'Content-Security-Policy': policy,
    'X-Frame-Options': 'SAMEORIGIN',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
}

/** A form page may not be shown inside the frame, so links of a mail open in a tab of their own. */
function withLinksInNewTabs(html: string): string {
  const base = '<base target="_blank">';
  return /<head[^>]*>/i.test(html) ? html.replace(/<head[^>]*>/i, (head) => head + base) : base + html;
}

function chooseView(asked: unknown, mail: InboxMail): 'html' | 'text' | 'headers' {
  if (asked === 'headers') return 'headers';
  return asked === 'text' || mail.html === undefined ? 'text' : 'html';
}

function inboxRow(mail: InboxMail): Record<string, unknown> {
  const { id, subject, from, to, receivedAt } = mail;
  return { id, subject, from, to: to || mail.envelopeTo.join(', '), receivedAt, preview: previewOf(mail) };
}

function inboxMailView(mail: InboxMail): Record<string, unknown> {
  const { headers, text = '', html } = mail;
  return { ...inboxRow(mail), headers, text, hasHtml: html !== undefined };
}

/** Our own text parts repeat the subject above a rule of dashes; what follows says more. */
function previewOf({ text = '' }: InboxMail): string {
  const start = text.slice(0, 600).replace(/^[^]*?\r?\n---\r?\n/, '');
  return start.replace(/\s+/g, ' ').trim().slice(0, 160);
}

/** The inbox is for whoever sits at this machine: its own zone is theirs. */
function serverZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
