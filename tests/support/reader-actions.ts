import PostalMime from 'postal-mime';
import { archivePublication } from '../../src/publications/change-publication.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Subscription } from '../../src/subscribers/subscription.js';
import type { TestApp } from './test-app.js';

export type ReaderMail = {
  to: string;
  subject: string;
  text: string;
  html: string;
  header(name: string): string | undefined;
  /** Links to this application in text, HTML and headers, each once. */
  links: string[];
};

/** Sends a form as a browser does, but does not follow redirects. */
export function post(
  url: string,
  fields: Record<string, string> | string = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
  });
}

export function postJson(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Opens a page as a browser does. */
export function open(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { redirect: 'manual', headers: { accept: 'text/html', ...headers } });
}

/** Every mail that the server took so far, read by an independent parser. */
export async function readMails(testApp: TestApp): Promise<ReaderMail[]> {
  return Promise.all(testApp.smtp.messages.map(({ raw, to }) => readMail(testApp, raw, to)));
}

async function readMail({ url }: TestApp, raw: Buffer, to: string): Promise<ReaderMail> {
  const { subject = '', text = '', html = '', headers } = await PostalMime.parse(raw);
  const all = [text, html.replaceAll('&amp;', '&'), ...headers.map(({ value }) => value)].join('\n');
  const ours = new RegExp(`${url}/[^\\s"'<>]*`, 'g');
  return {
    to,
    subject,
    text,
    html,
    header: (name) => headers.find(({ key }) => key === name.toLowerCase())?.value,
    links: [...new Set(all.match(ours) ?? [])],
  };
}

/** The newest mail; to one reader, when she is named. */
export async function lastMail(testApp: TestApp, to?: string): Promise<ReaderMail> {
  const mail = (await readMails(testApp)).findLast((each) => to === undefined || each.to === to);
  if (mail === undefined) throw new Error(`No mail has arrived${to === undefined ? '' : ` for ${to}`}`);
  return mail;
}

/** A link in a mail, by the first word of its path, below the base path. */
export function linkIn({ links, subject }: ReaderMail, word: string): string {
  const link = links.find((each) => new URL(each).pathname.includes(`/${word}/`));
  if (link === undefined) throw new Error(`No /${word}/ link in "${subject}"`);
  return link;
}

/** She fills in the form of a newsletter, and the jobs that follow are run. */
export async function signUp(
  testApp: TestApp,
  email: string,
  fields: Record<string, string> = {},
): Promise<Response> {
  const { slug = 'lantern', ...rest } = fields;
  const answer = await post(`${testApp.url}/${slug}/subscriptions`, { email, ...rest });
  await testApp.runDueJobs();
  return answer;
}

/** She signs up, and the link of the confirmation mail is returned. */
export async function requestConfirmLink(
  testApp: TestApp,
  email: string,
  fields: Record<string, string> = {},
): Promise<string> {
  await signUp(testApp, email, fields);
  return linkIn(await lastMail(testApp, email), 'confirm');
}

/** She signs up, opens the link in her mail and presses the button; the welcome mail has come. */
export async function createConfirmedReader(
  testApp: TestApp,
  email: string,
  fields: Record<string, string> = {},
): Promise<{ subscription: Subscription; confirmLink: string; unsubscribeLink: string }> {
  const confirmLink = await requestConfirmLink(testApp, email, fields);
  await post(confirmLink);
  await testApp.runDueJobs();
  const unsubscribeLink = linkIn(await lastMail(testApp, email), 'unsubscribe');
  return { subscription: await subscriptionOf(testApp, email), confirmLink, unsubscribeLink };
}

/** The only subscription of an address, as it is in the database. */
export async function subscriptionOf({ context }: TestApp, email: string): Promise<Subscription> {
  return context.db.one<Subscription>(sql`
    select s.*, p.email, p.email_key
      from subscriptions s
      join subscribers p on p.id = s.subscriber_id
     where p.email_key = ${email.toLowerCase()}
  `);
}

/** Archives a newsletter. */
export function archive({ context }: TestApp, publicationId: string): Promise<void> {
  return archivePublication(context, publicationId);
}

/** How many rows a table has. */
export async function countRows({ context }: TestApp, table: 'requests' | 'consents' | 'notices' | 'outbox') {
  const counts = await context.db.one<Record<typeof table, number>>(sql`
    select (select count(*) from sign_up_requests) as requests,
           (select count(*) from consents) as consents,
           (select count(*) from notices) as notices,
           (select count(*) from outbox) as outbox
  `);
  return counts[table];
}
