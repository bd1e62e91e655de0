import { sql } from '../../src/platform/db/sql.js';
import { recordTrustedRequest } from '../../src/subscribers/sign-up/record-requests.js';
import { readMails } from './reader-actions.js';
import type { TestApp } from './test-app.js';

/** Records a sign-up request without choices; `testApp.runDueJobs()` decides it. */
export function recordSignUp(
  { context }: TestApp,
  publicationId: string,
  email: string,
): Promise<{ id: string }> {
  const choices = { locale: null, timezone: null, cadence: null, topics: [], source: null };
  return recordTrustedRequest(context, { publicationId, email, ...choices });
}

/** What became of a request; null: it is not decided yet. */
export async function outcomeOf({ context }: TestApp, { id }: { id: string }): Promise<string | null> {
  const row = await context.db.one<{ outcome: string | null }>(
    sql`select outcome from sign_up_requests where id = ${id}`,
  );
  return row.outcome;
}

/** The subjects of the mails to these addresses, in order, without " to The Lantern" and the like at their end. */
export async function subjectsTo(testApp: TestApp, ...addresses: string[]): Promise<string[]> {
  const mails = await readMails(testApp);
  return mails
    .filter(({ to }) => addresses.includes(to))
    .map(({ subject }) => subject.replace(/ to The .*/, ''));
}
