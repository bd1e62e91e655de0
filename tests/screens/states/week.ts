import { createEntryLink } from '../../../src/operators/entry-link.js';
import { listOperators } from '../../../src/operators/reads.js';
import type { TestApp } from '../../support/test-app.js';
import { seedSelfServiceStates } from './self-service.js';
import { linkIn, mailsTo, press, signUp, subscribe, type Mail } from './readers.js';
import { seedPreferenceStates } from './preferences.js';
import { archivePublication } from '../../../src/publications/change-publication.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';

export const LANTERN = 'harbour-lantern';

const AMINA = 'amina.njoroge@example.org';
const DAILY_READER = 'david@example.net';

/** The path of each state, by its name. */
export type Paths = Story & { inboxMail: string };

type Story = Awaited<ReturnType<typeof seedEarlyReaders>> &
  Awaited<ReturnType<typeof seedToday>> & { article: string };

/** The week begins this long before now, so that it ends when mail really arrives in the inbox. */
export const STORY_MS = 5 * 24 * HOUR_MS + 6 * HOUR_MS;

/** Readers come and go for five days, three articles are released, and today there is a reader in every state. */
export async function seedWeek(testApp: TestApp): Promise<{ paths: Story; mails: Mail[] }> {
  const early = await seedEarlyReaders(testApp);
  const article = await publishThree(testApp);
  const paths = { ...early, article, ...(await seedToday(testApp)) };
  const mails = [...(await mailsTo(testApp, AMINA)), ...(await mailsTo(testApp, DAILY_READER)).slice(-1)];
  return { paths, mails };
}

async function seedEarlyReaders(testApp: TestApp) {
  await testApp.createPublication({
    slug: 'tide-table',
    name: 'The Tide Table',
    siteUrl: 'https://tides.example/',
    accent: '#0ea5e9',
  });
  const old = await testApp.createPublication({
    slug: 'old-letter',
    name: 'The Old Letter',
    siteUrl: 'https://old.example/',
  });
  await archivePublication(testApp.context, old.id);
  await signUp(testApp, LANTERN, 'late@example.org');
  await testApp.runDueJobs();
  const amina = await subscribe(testApp, LANTERN, AMINA);
  await subscribe(testApp, LANTERN, DAILY_READER, 'daily');
  return {
    confirmExpired: await linkIn(testApp, 'late@example.org', 'confirm'),
    confirmedBefore: amina.confirm,
    unsubscribe: amina.unsubscribe,
  };
}

/** The first articles go out one by one to those who want each, and together to those who want one mail a day. */
async function publishThree(testApp: TestApp): Promise<string> {
  testApp.advanceClock(4 * 24 * HOUR_MS);
  let article = '';
  for (let count = 0; count < 3; count++) {
    testApp.advanceClock(2 * HOUR_MS);
    article = await press(testApp, '/demo/articles');
    await testApp.runDueJobs();
  }
  testApp.advanceClock(24 * HOUR_MS);
  await testApp.handlers['plan-due']({});
  await testApp.runDueJobs();
  return article;
}

async function seedToday(testApp: TestApp) {
  await signUp(testApp, LANTERN, AMINA);
  const gone = await subscribe(testApp, LANTERN, 'ines@example.org');
  const back = await subscribe(testApp, LANTERN, 'bo@example.org');
  const fresh = await subscribe(
    testApp,
    LANTERN,
    'the.keeper.of.the.outer.lighthouse@marrowby-harbour.example',
  );
  await press(testApp, gone.unsubscribe);
  await press(testApp, back.unsubscribe);
  const resubscribed = await press(testApp, `${back.unsubscribe}/undo`);
  await signUp(testApp, LANTERN, 'a.reader.with.quite.a.long.name@example.com');
  await signUp(testApp, LANTERN, 'nobody.asked@example.org');
  await testApp.runDueJobs();
  const neverDone = await linkIn(testApp, 'nobody.asked@example.org', 'never');
  await press(testApp, neverDone);
  return {
    ...(await checkInbox(testApp)),
    confirm: await linkIn(testApp, 'a.reader.with.quite.a.long.name@example.com', 'confirm'),
    never: await linkIn(testApp, 'a.reader.with.quite.a.long.name@example.com', 'never'),
    neverDone,
    subscribed: fresh.confirm,
    unsubscribed: gone.unsubscribe,
    resubscribed,
    ...(await entryLinks(testApp)),
    ...(await seedPreferenceStates(testApp, LANTERN, AMINA)),
    ...(await seedSelfServiceStates(testApp, LANTERN)),
  };
}

/** She presses "Send it again" too early, and again a minute later. */
async function checkInbox(testApp: TestApp) {
  const checkInbox = await signUp(testApp, LANTERN, 'rosalind.okafor@gmail.com');
  const checkInboxNotNow = lastTicket(testApp, await press(testApp, `${checkInbox}/resend`));
  testApp.advanceClock(MINUTE_MS + 1000);
  const checkInboxAgain = await press(testApp, `${checkInbox}/resend`);
  await testApp.runDueJobs();
  return { checkInbox, checkInboxNotNow, checkInboxAgain };
}

/** The same page after all three mails have been sent. */
function lastTicket({ context: { links, now } }: TestApp, path: string): string {
  const opened = links.verify('check-inbox', path.split(/[/?]/)[2] ?? '', now());
  if (opened.kind !== 'valid') throw new Error(`${path} is no "check your inbox"`);
  const { scope, subject } = opened;
  return `/check-inbox/${links.sign('check-inbox', { scope, subject, number: 2 })}?done=later`;
}

async function entryLinks(testApp: TestApp) {
  const [operatorEnter, operatorUsed] = [await entryPath(testApp), await entryPath(testApp)];
  await press(testApp, operatorUsed);
  return { operatorEnter, operatorUsed };
}

/** The path of a new entry link for the demo's editor, who was there first. */
export async function entryPath({ context, url }: TestApp): Promise<string> {
  const [editor] = await listOperators(context.db);
  return (await createEntryLink(context, editor?.id)).slice(url.length);
}
