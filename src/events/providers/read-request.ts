import type { IncomingEvent } from '../event.js';
import { brevoReader } from './brevo.js';
import { mailgunReader } from './mailgun.js';
import { postmarkReader } from './postmark.js';
import type { Provider, RequestReader } from './provider.js';
import { sendgridReader } from './sendgrid.js';
import { sesReader } from './ses.js';

const readers: Readonly<Record<Provider, RequestReader>> = {
  ses: sesReader,
  mailgun: mailgunReader,
  postmark: postmarkReader,
  sendgrid: sendgridReader,
  brevo: brevoReader,
};

/** What a request says; `unread` are items that are not as the provider's documentation has them. */
export type ReadRequest = { events: IncomingEvent[]; ignored: number; unread: number };

/** Reads the body of a genuine request. One item that cannot be read stops no other. */
export function readRequest(provider: Provider, body: Buffer, receivedAt: Date): ReadRequest {
  const { items, read } = readers[provider];
  const result: ReadRequest = { events: [], ignored: 0, unread: 0 };
  const found = attempt(() => items(JSON.parse(body.toString('utf8'))));
  if (found === undefined) return { ...result, unread: 1 };
  for (const item of found) {
    const events = attempt(() => read(item, receivedAt));
    if (events === undefined) result.unread += 1;
    else if (events.length === 0) result.ignored += 1;
    else result.events.push(...events);
  }
  return result;
}

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
