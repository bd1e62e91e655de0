import { Router } from 'express';
import { listInbox, readInboxMail, type InboxMail } from '../../platform/embedded/inbox.js';
import type { Templates } from '../../platform/templates/templates.js';
import { setMailHeaders, setSandboxHeaders, withLinksInNewTabs } from '../middleware/sandboxed-mail.js';
import { machineTimeZone } from './machine-time-zone.js';

type InboxOptions = { templates: Templates; inboxDir: string };

const REFRESH_SECONDS = 4;
const MAX_MAILS_SHOWN = 100;

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
    return setMailHeaders(res).type('html').send(withLinksInNewTabs(mail.html));
  });

  router.get('/:id/raw', async (req, res, next) => {
    const mail = await readInboxMail(inboxDir, req.params.id);
    if (!mail) return next();
    return setSandboxHeaders(res, 'sandbox').type('text/plain').send(mail.raw);
  });

  return router;
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
