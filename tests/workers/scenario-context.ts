import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Publication } from '../../src/publications/publication.js';
import { startFeedServer, type FeedServer } from '../support/feed-server.js';
import { resetTestApp } from '../support/fixtures.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

/** What a job's scenario may use. `mailLog`: where the mail server would write its log. */
export type ScenarioContext = { app: TestApp; publication: Publication; feeds: FeedServer; mailLog: string };

/** With one publication that has no readers yet. */
export async function openScenarioContext(): Promise<ScenarioContext> {
  const folder = await mkdtemp(join(tmpdir(), 'paperround-scenario-'));
  const mailLog = join(folder, 'mail.log');
  const app = await openTestApp({ mailLog, settings: { BOUNCE_DOMAIN: 'bounce.lantern.example' } });
  return { app, publication: await app.createPublication(), feeds: await startFeedServer(), mailLog };
}

/** As it was when it was opened, but for the clock. */
export async function resetScenarioContext(scenario: ScenarioContext): Promise<void> {
  await resetTestApp(scenario.app);
  // Set by the scenario of the mailbox.
  scenario.app.context.config.imapUrl = undefined;
  await rm(scenario.mailLog, { force: true });
  scenario.publication = await scenario.app.createPublication();
}

export async function closeScenarioContext({ app, feeds, mailLog }: ScenarioContext): Promise<void> {
  await feeds.close();
  await app.close();
  await rm(dirname(mailLog), { recursive: true });
}
