import { setTimeout as sleep } from 'node:timers/promises';
import { summariseDigests } from '../../../src/dashboard/overview.js';
import { findPublicationBySlug } from '../../../src/publications/reads.js';
import type { TestApp } from '../../support/test-app.js';
import type { SmtpReply } from '../../support/smtp-server.js';
import { press, subscribe } from './readers.js';
import { LANTERN } from './week.js';

/** In the order they are mailed; three older readers come before them. */
const names = (
  'ada ben cleo dev eve full gone ' +
  'finn gus ivy broken leaves slow jon kit leo mia ' +
  'nell otto quinn rosa sam tess uma'
).split(' ');

/**
 * Sends one more article to two dozen readers and stops in the middle, with deliveries in each state of the ledger. Returns a
 * function that lets it finish.
 */
export async function sendBusyDigest(testApp: TestApp): Promise<() => Promise<void>> {
  const leaving = await subscribeAll(testApp);
  const slow = lock();
  let left: Promise<string> | undefined;
  testApp.smtp.setScript(async (stage, address): Promise<SmtpReply> => {
    left ??= press(testApp, leaving);
    await left;
    if (stage === 'rcpt' && address.startsWith('full@')) return '452 4.2.2 The mailbox is full';
    if (stage === 'rcpt' && address.startsWith('gone@')) return '550 5.1.1 There is no such mailbox';
    if (stage === 'dot' && address.startsWith('broken@')) return 'hang-up-accepted';
    if (stage === 'dot' && address.startsWith('slow@')) await slow.opened;
    return undefined;
  });
  await press(testApp, '/demo/articles');
  const sending = testApp.runDueJobs();
  await waitUntilHalfSent(testApp);
  return async () => {
    slow.open();
    await sending;
  };
}

/** Returns the unsubscribe path of the reader who is about to leave. */
async function subscribeAll(testApp: TestApp): Promise<string> {
  let leaving = '';
  for (const name of names) {
    const reader = await subscribe(testApp, LANTERN, `${name}@readers.example`);
    if (name === 'leaves') leaving = reader.unsubscribe;
  }
  return leaving;
}

function lock(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Resolves when a mail is being sent and others are in every other state. */
async function waitUntilHalfSent({ context }: TestApp): Promise<void> {
  const publication = await findPublicationBySlug(context.db, LANTERN);
  for (let tries = 0; tries < 400; tries++) {
    const [digest] = await summariseDigests(context, publication?.id ?? '', 1);
    const { sending = 0, uncertain = 0, accepted = 0, deferred = 0 } = digest?.counts ?? {};
    if (sending > 0 && uncertain === 1 && deferred === 1 && accepted > 0) return;
    await sleep(25);
  }
  throw new Error('The digest never came to its middle');
}
