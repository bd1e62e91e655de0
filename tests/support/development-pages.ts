import { join } from 'node:path';
import { demoFormOptions, demoPublication, pollDemo } from '../../src/cli/start/demo.js';
import type { DevelopmentPages } from '../../src/http/app.js';
import { demoRoutes } from '../../src/http/development/demo/routes.js';
import { demoSite } from '../../src/http/development/demo/site.js';
import { inboxRoutes } from '../../src/http/development/inbox-routes.js';
import type { Context } from '../../src/platform/context.js';
import { listInbox, startInbox } from '../../src/platform/embedded/inbox.js';
import { toWireContent } from '../../src/platform/mail/message.js';
import { createMailer } from '../../src/platform/mail/smtp/mailer.js';

/** The demo and the inbox with a data directory of their own. */
export function developmentPages(context: Context, dataDir: string): DevelopmentPages {
  const { templates, now } = context;
  return {
    inbox: inboxRoutes({ templates, inboxDir: inboxOf(dataDir) }),
    demo: demoRoutes({
      templates,
      site: demoSite(dataDir, now),
      publication: () => demoPublication(context),
      offer: () => demoFormOptions(context),
      onPublish: () => pollDemo(context),
    }),
  };
}

/** Hands mails to that inbox, by SMTP, as they were sent. Answers the path of the last. */
export async function fillInbox(
  dataDir: string,
  mails: readonly { from: string; to: string; raw: Buffer }[],
): Promise<string> {
  const dir = inboxOf(dataDir);
  const inbox = await startInbox({ dir });
  const mailer = createMailer({ smtpUrl: inbox.smtpUrl, connections: 1 });
  const [server] = mailer.transports;
  for (const { from, to, raw } of mails) {
    const message = { envelope: { from, to }, content: toWireContent(raw) };
    await server.send({ message: () => message, beforeFinalDot: () => true });
  }
  await mailer.close();
  await inbox.stop();
  const [newest] = await listInbox(dir, 1);
  if (newest === undefined) throw new Error('No mail reached the inbox');
  return `/inbox/${newest.id}`;
}

const inboxOf = (dataDir: string) => join(dataDir, 'inbox');
