import PostalMime from 'postal-mime';
import type { TestApp } from '../../support/test-app.js';

export type Mail = { from: string; to: string; raw: Buffer; subject: string; html: string; text: string };

/** A reader, and the addresses that her mails told her. */
export type Reader = { email: string; confirm: string; unsubscribe: string };

/** Sends the sign-up form as a browser does. Answers the path of the page that follows. */
export async function signUp(
  testApp: TestApp,
  slug: string,
  email: string,
  cadence?: string,
): Promise<string> {
  const body = new URLSearchParams({ email, ...(cadence === undefined ? {} : { cadence }) });
  return follow(testApp, `/${slug}/subscriptions`, body);
}

/** Presses the button of a page that posts to this path. Answers the path of the page that follows. */
export function press(testApp: TestApp, path: string): Promise<string> {
  return follow(testApp, path, new URLSearchParams());
}

/** Signs up and confirms with the link of the mail that came. */
export async function subscribe(
  testApp: TestApp,
  slug: string,
  email: string,
  cadence?: string,
): Promise<Reader> {
  await signUp(testApp, slug, email, cadence);
  await testApp.runDueJobs();
  const confirm = await linkIn(testApp, email, 'confirm');
  await press(testApp, confirm);
  await testApp.runDueJobs();
  return { email, confirm, unsubscribe: await linkIn(testApp, email, 'unsubscribe') };
}

/** The path of a link in the newest mail to an address that has one. */
export async function linkIn(testApp: TestApp, email: string, word: string): Promise<string> {
  for (const mail of (await mailsTo(testApp, email)).toReversed()) {
    const path = new RegExp(`/${word}/[\\w-]+`).exec(mail.text)?.[0];
    if (path !== undefined) return path;
  }
  throw new Error(`No mail to ${email} has a link to /${word}`);
}

/** What arrived at an address, in order. */
export function mailsTo({ smtp }: TestApp, email: string): Promise<Mail[]> {
  const messages = smtp.messages.filter(({ to }) => to === email);
  return Promise.all(
    messages.map(async ({ from, to, raw }) => {
      const { subject = '', html = '', text = '' } = await PostalMime.parse(raw);
      return { from, to, raw, subject, html, text };
    }),
  );
}

async function follow(testApp: TestApp, path: string, body: URLSearchParams): Promise<string> {
  const answer = await fetch(testApp.url + path, { method: 'POST', body, redirect: 'manual' });
  if (answer.status !== 303) throw new Error(`${path} answered ${answer.status}`);
  return locationOf(testApp, answer.headers.get('location'));
}

/** Where an answer leads to: a path below `url`. */
export function locationOf({ url }: TestApp, location: string | null | undefined): string {
  return (location ?? '').slice(new URL(url).pathname.replace(/\/$/, '').length);
}
