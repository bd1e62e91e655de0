import type { Operator } from '../../operators/operator.js';
import { findOperator } from '../../operators/reads.js';
import { domainOf, isMailable } from '../../platform/mail/address.js';
import { isRowFault } from '../../platform/process/row-fault.js';
import { keepCheck } from '../../publications/keep-check.js';
import type { Publication } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import { loadSigner } from '../../transports/dkim/load-signer.js';
import { NEVER, toAttemptResult, type AttemptResult } from '../attempt-result.js';
import type { WorkerContext } from '../send/worker-context.js';
import { composePreview, type PreviewMail } from './compose-preview.js';
import { markTest } from './mark-test.js';
import { readPreviewParts } from './preview-parts.js';
import { findTestMail } from './reads.js';
import type { PreviewSource } from './source.js';
import type { TestMail } from './test-mail.js';
import { claimTestMail, recordTestMail } from './writes.js';

/** Sends it once: a worker that dies while it does leaves it as unclear. Run again it finds it done. */
export async function sendTest(context: WorkerContext, testId: string): Promise<void> {
  const { db, now } = context;
  const test = await findTestMail(db, testId);
  if (test?.state !== 'queued') return;
  const publication = await findPublication(db, test.publicationId);
  const result = await attempt(context, publication, test);
  if (result === undefined) return;
  await db.transaction((tx) => recordTestMail(tx, testId, result, now()));
  if (publication === undefined || result.state !== 'accepted') return;
  const { id, fromAddress } = publication;
  await keepCheck(context, id, { kind: 'test', result: { fromAddress } });
}

type TestResult = Pick<TestMail, 'state' | 'answer'>;

/** Undefined: another worker has it. */
async function attempt(
  context: WorkerContext,
  publication: Publication | undefined,
  test: TestMail,
): Promise<TestResult | undefined> {
  const { db, now, router } = context;
  const operator = await findOperator(db, test.recipientId);
  if (operator === undefined || publication === undefined || !isMailable(operator.email))
    return failed('There is no address to send it to.');
  const mail = await compose(context, publication, operator, test);
  if ('state' in mail) return mail;
  const choice = await router.routeForNotice(operator.email);
  if (choice.kind === 'wait') return failed(choice.reason);
  const { route } = choice;
  const { fromAddress } = publication;
  const signer = route.rewrites ? undefined : await loadSigner(context, domainOf(fromAddress));
  const message = {
    envelope: { from: fromAddress, to: operator.email },
    content: mail.source(signer?.sign),
  };
  if ((await db.transaction((tx) => claimTestMail(tx, test.id, now()))) === 0) return undefined;
  const outcome = await route.send(domainOf(operator.email), {
    urgent: true,
    message: () => message,
    beforeFinalDot: () => true,
  });
  const row = { deferrals: 0, expiresAt: NEVER, domain: domainOf(operator.email) };
  return toTestResult(toAttemptResult(outcome, row, now(), Math.random()));
}

async function compose(
  context: WorkerContext,
  publication: Publication,
  operator: Operator,
  { id, digestId, coming, draftId, kind: as }: TestMail,
): Promise<PreviewMail | TestResult> {
  const source = sourceOf({ digestId, coming, draftId });
  const found = await readPreviewParts(context, publication, { source, as, readerId: undefined });
  if (found.kind !== 'parts') return failed('What it was to show is not there any more.');
  try {
    const { email } = operator;
    return await composePreview(context, publication, found.parts, {
      recipient: { email, id },
      mark: markTest,
    });
  } catch (error) {
    if (!isRowFault(error)) throw error;
    return failed('It could not be composed. The checks say more.');
  }
}

function sourceOf({
  digestId,
  coming,
  draftId,
}: Pick<TestMail, 'digestId' | 'coming' | 'draftId'>): PreviewSource {
  if (digestId !== null) return { kind: 'digest', digestId };
  return draftId === null ? { kind: 'coming', coming: coming ?? 'now' } : { kind: 'draft', draftId };
}

function failed(answer: string): TestResult {
  return { state: 'failed', answer };
}

/** It is not tried again: whoever waits for it presses once more. */
function toTestResult({ state, answer }: AttemptResult): TestResult {
  if (state === 'accepted' || state === 'uncertain') return { state, answer };
  return failed(answer ?? 'The mail server did not take it.');
}
