import { createDefaultEntryLink } from '../../../src/operators/entry-link.js';
import type { TestApp } from '../../support/test-app.js';
import { seedSelfServiceStates } from './self-service.js';
import { linkIn, mailsTo, press, signUp, subscribe, type Mail } from './readers.js';
import { seedPreferenceStates } from './preferences.js';
import { archivePublication } from '../../../src/publications/change-publication.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';

export const LANTERN = 'harbour-lantern';

const AMINA = 'amina.njoroge@example.org';
const DAILY_READER = 'david@example.net';

/** Where a state is found, by a word for it: paths in the house. */
export type Paths = Story & { inboxMail: string };

type Story = Awaited<ReturnType<typeof seedEarlyReaders>> &
  Awaited<ReturnType<typeof seedToday>> & { article: string };

/** How long before now the story begins: the inbox keeps the hour at which mail really came, and that is its end. */
export const STORY_MS = 5 * 24 * HOUR_MS + 6 * HOUR_MS;

/** Readers come and go for five days, three articles come out, and today somebody is in every state there is. */
export async function seedWeek(house: TestApp): Promise<{ paths: Story; mails: Mail[] }> {
  const early = await seedEarlyReaders(house);
  const article = await publishThree(house);
  const paths = { ...early, article, ...(await seedToday(house)) };
  const mails = [...(await mailsTo(house, AMINA)), ...(await mailsTo(house, DAILY_READER)).slice(-1)];
  return { paths, mails };
}

async function seedEarlyReaders(house: TestApp) {
  await house.createPublication({
    slug: 'tide-table',
    name: 'The Tide Table',
    siteUrl: 'https://tides.example/',
    accent: '#0ea5e9',
  });
  const old = await house.createPublication({
    slug: 'old-letter',
    name: 'The Old Letter',
    siteUrl: 'https://old.example/',
  });
  await archivePublication(house.context, old.id);
  await signUp(house, LANTERN, 'late@example.org');
  await house.runDueJobs();
  const amina = await subscribe(house, LANTERN, AMINA);
  await subscribe(house, LANTERN, DAILY_READER, 'daily');
  return {
    confirmExpired: await linkIn(house, 'late@example.org', 'confirm'),
    confirmedBefore: amina.confirm,
    unsubscribe: amina.unsubscribe,
  };
}

/** The first articles go out one by one to those who want each, and together to those who want one mail a day. */
async function publishThree(house: TestApp): Promise<string> {
  house.advanceClock(4 * 24 * HOUR_MS);
  let article = '';
  for (let count = 0; count < 3; count++) {
    house.advanceClock(2 * HOUR_MS);
    article = await press(house, '/demo/articles');
    await house.runDueJobs();
  }
  house.advanceClock(24 * HOUR_MS);
  await house.handlers['plan-due']({});
  await house.runDueJobs();
  return article;
}

async function seedToday(house: TestApp) {
  await signUp(house, LANTERN, AMINA);
  const gone = await subscribe(house, LANTERN, 'ines@example.org');
  const back = await subscribe(house, LANTERN, 'bo@example.org');
  const fresh = await subscribe(
    house,
    LANTERN,
    'the.keeper.of.the.outer.lighthouse@marrowby-harbour.example',
  );
  await press(house, gone.unsubscribe);
  await press(house, back.unsubscribe);
  const resubscribed = await press(house, `${back.unsubscribe}/undo`);
  await signUp(house, LANTERN, 'a.reader.with.quite.a.long.name@example.com');
  await signUp(house, LANTERN, 'nobody.asked@example.org');
  await house.runDueJobs();
  const neverDone = await linkIn(house, 'nobody.asked@example.org', 'never');
  await press(house, neverDone);
  return {
    ...(await checkInbox(house)),
    confirm: await linkIn(house, 'a.reader.with.quite.a.long.name@example.com', 'confirm'),
    never: await linkIn(house, 'a.reader.with.quite.a.long.name@example.com', 'never'),
    neverDone,
    subscribed: fresh.confirm,
    unsubscribed: gone.unsubscribe,
    resubscribed,
    ...(await entryLinks(house)),
    ...(await seedPreferenceStates(house, LANTERN, AMINA)),
    ...(await seedSelfServiceStates(house, LANTERN)),
  };
}

/** She presses "Send it again" too early, and again a minute later. */
async function checkInbox(house: TestApp) {
  const checkInbox = await signUp(house, LANTERN, 'rosalind.okafor@gmail.com');
  const checkInboxNotNow = lastTicket(house, await press(house, `${checkInbox}/resend`));
  house.advanceClock(MINUTE_MS + 1000);
  const checkInboxAgain = await press(house, `${checkInbox}/resend`);
  await house.runDueJobs();
  return { checkInbox, checkInboxNotNow, checkInboxAgain };
}

/** The same page after all three mails have been sent. */
function lastTicket({ context: { links, now } }: TestApp, path: string): string {
  const opened = links.verify('check-inbox', path.split(/[/?]/)[2] ?? '', now());
  if (opened.kind !== 'valid') throw new Error(`${path} is no "check your inbox"`);
  const { scope, subject } = opened;
  return `/check-inbox/${links.sign('check-inbox', { scope, subject, number: 2 })}?done=later`;
}

async function entryLinks(house: TestApp) {
  const [operatorEnter, operatorUsed] = [await entryPath(house), await entryPath(house)];
  await press(house, operatorUsed);
  return { operatorEnter, operatorUsed };
}

/** A fresh way into the operator's pages. */
export async function entryPath({ context }: TestApp): Promise<string> {
  return new URL(await createDefaultEntryLink(context)).pathname;
}
