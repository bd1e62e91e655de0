import { hashPassword } from '../../../../src/operators/credentials/hash-password.js';
import { storePassword } from '../../../../src/operators/credentials/store-password.js';
import { beginTotp, confirmTotp } from '../../../../src/operators/credentials/totp.js';
import type { Operator, Role } from '../../../../src/operators/operator.js';
import { addOperator } from '../../../support/operator-session.js';
import type { TestApp } from '../../../support/test-app.js';
import { totpCode } from '../../../support/totp-code.js';
import { openBrowser, type Browser } from './browser.js';

export const PASSWORD = 'marrowby ferry whispers';

/** An account with a password. */
export async function addAccount(
  testApp: TestApp,
  email: string,
  role: Role | 'administrator' = 'editor',
): Promise<Operator> {
  const operator = await addOperator(testApp, email, role);
  const hash = await hashPassword(PASSWORD);
  const { db, now } = testApp.context;
  await db.transaction((tx) => storePassword(tx, operator.id, hash, now()));
  return operator;
}

/** Codes are on from then on. Returns the recovery codes. The clock goes on by a step, so that the next code is another. */
export async function switchCodesOn(testApp: TestApp, operatorId: string): Promise<string[]> {
  const context = { ...testApp.context, keys: testApp.keys };
  await beginTotp(context, operatorId);
  const confirmed = await confirmTotp(context, {
    operatorId,
    code: await codeNow(testApp, operatorId),
    keepSid: '',
  });
  testApp.advanceClock(30_000);
  return confirmed.kind === 'on' ? confirmed.recoveryCodes : [];
}

export function codeNow({ context, keys }: TestApp, operatorId: string): Promise<string> {
  return totpCode({ ...context, keys }, operatorId);
}

/** A browser in which somebody has signed in with her password. */
export async function signedIn(testApp: TestApp, email: string): Promise<Browser> {
  const browser = openBrowser(testApp);
  const answer = await browser.send('/operator/sign-in', { email, password: PASSWORD });
  if (answer.status !== 303) throw new Error(`Signing in was answered ${answer.status}`);
  return browser;
}

/** A hidden field of a page. */
export function hiddenField(html: string, name: string): string {
  const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
  return value
    .replaceAll('&#34;', '"')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
