import { Router, type Response } from 'express';
import { listInbox, readInboxMail, type InboxMail } from '../../platform/embedded/inbox.js';
import type { Templates } from '../../platform/templates/templates.js';
import { machineTimeZone } from './machine-time-zone.js';

type InboxOptions = { templates: Templates; inboxDir: string };

const REFRESH_SECONDS = 4;
const MAX_MAILS_SHOWN = 100;

/** Popups are allowed so that links of a mail work; the tab that opens is outside the sandbox. */
const SANDBOX = 'sandbox allow-popups allow-popups-to-escape-sandbox';
/** The demo's pictures are on this computer. */
const MAIL_POLICY = `${SANDBOX}; default-src 'none'; img-src https: data: 'self'; style-src 'unsafe-inline'`;

/** The development inbox: mails as their readers would see them, and as the server got them. */
export function inboxRoutes({ templates, inboxDir }: InboxOptions): Router {
  const router = Router();

  router.get('/', async (req, res) => {
    const mails = await listInbox(inboxDir, MAX_MAILS_SHOWN);
    const refreshing = req.query.refresh !== 'off';
    if (refreshing) res.set('Refresh', String(REFRESH_SECONDS));
    res.send(
      templates.page('inbox', 'en', { mails: mails.map(inboxRow), refreshing, zone: machineTimeZone() }),
    );
  });

  router.get('/:id', async (req, res, next) => {
    const mail = await readInboxMail(inboxDir, req.params.id);
    if (!mail) return next();
    const view = chooseView(req.query.view, mail);
    return res.send(
      templates.page('inbox-mail', 'en', { mail: inboxMailView(mail), view, zone: machineTimeZone() }),
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

/** For the content of mails, which may come from strangers: not in our own origin, and in no other site's frame. */
function setSandboxHeaders(res: Response, policy: string): Response {
  return res.set({
    'Content-Security-Policy': policy,
    'X-Frame-Options': 'SAMEORIGIN',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
}

/** Our pages refuse to be framed, so links of a mail open in another tab. */
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

/** The beginning of a mail, without the heading of our own text parts, which repeats the subject above a line of dashes. */
function previewOf({ text = '' }: InboxMail): string {
  const start = text.slice(0, 600).replace(/^[^]*?\r?\n---\r?\n/, '');
  return start.replace(/\s+/g, ' ').trim().slice(0, 160);
}
