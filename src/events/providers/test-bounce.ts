import { randomUUID } from 'node:crypto';
import type { WorkerContext } from '../../deliveries/send/worker-context.js';
import type { Context } from '../../platform/context.js';
import { HOUR_MS } from '../../platform/durations.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { domainOf } from '../../platform/mail/address.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import { toWireContent } from '../../platform/mail/message.js';
import { composeMessage } from '../../platform/mail/mime/compose.js';
import { digestFrom } from '../../publications/from-header.js';
import type { Publication } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import { loadSigner } from '../../transports/dkim/load-signer.js';
import { countTestBouncesSince, findHook, findTestBounce } from './reads.js';
import { SIMULATED_BOUNCE } from './ses.js';
import { claimTestBounce, insertTestBounce, lockHooks, recordTestBounce } from './writes.js';

export const MAX_TEST_BOUNCES_AN_HOUR = 10;

export type TestBounceOrdered = { kind: 'ordered'; id: string } | { kind: 'too-many' | 'no-such-hook' };

/** An operator wants to see that bounces are heard: a mail goes to an address of Amazon's simulator that always bounces. */
export function orderTestBounce(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { hookId, publicationId }: { hookId: string; publicationId: string },
): Promise<TestBounceOrdered> {
  return db.transaction(async (tx) => {
    await lockHooks(tx);
    const hook = await findHook(tx, hookId);
    if (hook?.provider !== 'ses') return { kind: 'no-such-hook' };
    const since = new Date(now().getTime() - HOUR_MS);
    if ((await countTestBouncesSince(tx, hookId, since)) >= MAX_TEST_BOUNCES_AN_HOUR)
      return { kind: 'too-many' };
    const { id } = await insertTestBounce(tx, { hookId, publicationId }, now());
    await enqueue(tx, 'send-test-bounce', { testId: id }, now());
    return { kind: 'ordered', id };
  });
}

type TestContext = Pick<WorkerContext, 'db' | 'now' | 'config' | 'mailer'>;
type TestResult = { state: 'accepted' | 'uncertain' | 'failed'; answer: string | null };

/** Sends it once, through Amazon: a worker that dies while it does leaves it as unclear. Run again it finds it done. */
export async function sendTestBounce(context: TestContext, testId: string): Promise<void> {
  const { db, now } = context;
  const test = await findTestBounce(db, testId);
  if (test?.state !== 'queued') return;
  const publication = await findPublication(db, test.publicationId);
  if (publication === undefined) return;
  const result = await attempt(context, publication, testId);
  if (result !== undefined) await db.transaction((tx) => recordTestBounce(tx, testId, result, now()));
}

/** Undefined: another worker has it. */
async function attempt(
  context: TestContext,
  publication: Publication,
  testId: string,
): Promise<TestResult | undefined> {
  const { db, now, mailer } = context;
  const server = mailer.transports.find(({ settings }) => settings.provider === 'ses');
  if (server === undefined)
    return { state: 'failed', answer: 'None of the mail servers in SMTP_URL is Amazon’s.' };
  const { fromAddress } = publication;
  const signer = server.settings.rewrites ? undefined : await loadSigner(context, domainOf(fromAddress));
  const content = toWireContent(await composeMessage(testMail(publication, now()), signer?.sign));
  const message = { envelope: { from: fromAddress, to: SIMULATED_BOUNCE }, content };
  if ((await db.transaction((tx) => claimTestBounce(tx, testId, now()))) === 0) return undefined;
  const request = { urgent: true, message: () => message, beforeFinalDot: () => true };
  return toTestResult(await server.send(request));
}

function testMail(publication: Publication, date: Date) {
  const text = 'This mail was sent to see that its bounce is heard.';
  return {
    from: digestFrom(publication),
    to: { address: SIMULATED_BOUNCE },
    subject: 'Test of bounces',
    text,
    html: `<p>${text}</p>`,
    messageId: `<${randomUUID()}@${domainOf(publication.fromAddress)}>`,
    date,
    headers: [],
  };
}

/** It is not tried again: whoever waits for it presses once more. */
function toTestResult(outcome: Outcome): TestResult {
  if (outcome.kind === 'accepted') return { state: 'accepted', answer: outcome.reply };
  if (outcome.kind === 'uncertain') return { state: 'uncertain', answer: outcome.reply };
  return { state: 'failed', answer: 'reply' in outcome ? outcome.reply : null };
}
