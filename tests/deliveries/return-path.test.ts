import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Publication } from '../../src/publications/publication.js';
import { listDeliveries } from '../support/deliveries.js';
import { addArticles, addReaders, advanceAndRunJobs, resetTestApp } from '../support/fixtures.js';
import { signUp, subscriptionOf } from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp({ settings: { BOUNCE_DOMAIN: 'bounce.example.com' } });
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
});
afterAll(() => testApp.close());

/** MAIL FROM of each mail to an address, by what it is verified to be of. */
function returnPathsTo(address: string) {
  const { links, now } = testApp.context;
  return testApp.smtp.messages
    .filter(({ to }) => to === address)
    .map(({ from }) => {
      const [localPart = '', domain] = from.split('@');
      const verified = links.verifyReturnPath(localPart, now());
      return { domain, claims: verified.kind === 'valid' ? verified.claims : verified.kind };
    });
}

test('with a bounce domain each digest is returned to an address that names its delivery and attempt', async () => {
  await addReaders(testApp, publication, ['ada@example.com', 'ben@example.com']);
  testApp.smtp.setScript((stage, address) =>
    stage === 'rcpt' && address === 'ben@example.com' ? '451 4.3.0 Later' : undefined,
  );
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  testApp.smtp.setScript(() => undefined);
  await advanceAndRunJobs(testApp, 10 * 60_000);
  const deliveries = await listDeliveries(testApp);
  for (const { email, batch, attempt, state } of deliveries) {
    expect(state).toBe('accepted');
    const { number: subscription } = await subscriptionOf(testApp, email);
    expect(returnPathsTo(email)).toEqual([
      { domain: 'bounce.example.com', claims: { kind: 'delivery', batch, subscription, attempt } },
    ]);
  }
  expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2]);
});

test('so is each single mail to a reader', async () => {
  await signUp(testApp, 'ada@example.com');
  await testApp.runDueJobs();
  expect(returnPathsTo('ada@example.com')).toEqual([
    { domain: 'bounce.example.com', claims: { kind: 'notice', noticeId: expect.any(String) } },
  ]);
});
