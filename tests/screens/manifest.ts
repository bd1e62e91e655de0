import type { Page } from 'playwright-core';
import { sql } from '../../src/platform/db/sql.js';
import { recordOldLinks } from '../../src/subscribers/old-links/record-old-links.js';
import { networkLimits } from '../../src/subscribers/sign-up/limits.js';
import { signUpUnproved, underAttack, withoutProofScript } from './states/attack.js';
import { sendEmbedded, sendOnDemo } from './states/embed.js';
import type { Paths } from './states/week.js';
import type { Screen } from './screen.js';
import { deskScreens } from './desk.js';
import type { Fixture } from './fixture.js';

const article = '/demo/articles/:slug';
/** A reader of another product whom nobody knows here. */
const NOBODY = '5ab87a04-3f24-4f01-8297-8138cfa4670d';
const embedded = '/embed/:pub/preview/:kind';

export const screens: readonly Screen[] = [
  screen('demo-home', '/demo', () => '/demo'),
  screen('demo-article', article, ({ paths }) => paths.article),
  {
    name: 'demo-prompt',
    route: article,
    needs: 'reader',
    changesWindow: true,
    reach: (page, fixture) => reachPrompt(page, fixture),
  },
  {
    name: 'demo-dialog',
    route: article,
    needs: 'reader',
    changesWindow: true,
    reach: (page, fixture) => reachPrompt(page, fixture, 'dialog'),
  },
  { name: 'demo-button', route: article, needs: 'reader', reach: pressButton },
  screen('demo-comment', article, ({ paths }) => `${paths.article}?comment=asked`),
  { name: 'demo-comment-slip', route: article, needs: 'reader', reach: replyWithSlip },
  screen('embed', '/embed/:pub', () => '/embed/harbour-lantern'),
  ...['isolated', 'plain', 'script'].map((kind) =>
    screen(`embed-${kind}`, embedded, () => `/embed/harbour-lantern/preview/${kind}`),
  ),
  {
    name: 'embed-sent',
    route: embedded,
    needs: 'reader',
    reach: sendEmbedded('walter@example.org', /Check your inbox/),
  },
  {
    name: 'embed-typo',
    route: embedded,
    needs: 'reader',
    reach: sendEmbedded('amina@gmial.com', /Use amina@gmail.com/),
  },
  {
    name: 'embed-error',
    route: embedded,
    needs: 'reader',
    reach: sendEmbedded('walter@example', /complete/),
  },
  { name: 'demo-held', route: article, needs: 'reader', reach: sendOnDemo },
  screen('sign-up', '/:pub', () => '/harbour-lantern'),
  { name: 'sign-up-error', route: '/:pub', needs: 'reader', reach: send('reader@example') },
  { name: 'sign-up-typo', route: '/:pub', needs: 'reader', reach: send('amina@gmial.com') },
  { name: 'sign-up-no-mail-server', route: '/:pub', needs: 'reader', reach: send('amina@nowhere-mail.org') },
  {
    name: 'sign-up-attack',
    route: '/:pub',
    needs: 'reader',
    reach: underAttack((page, { testApp }) => page.goto(`${testApp.url}/harbour-lantern`)),
  },
  {
    name: 'sign-up-attack-without-script',
    route: '/:pub',
    needs: 'reader',
    reach: underAttack(withoutProofScript),
  },
  {
    name: 'check-inbox-attack',
    route: '/check-inbox/:ticket',
    needs: 'reader',
    reach: underAttack(signUpUnproved),
  },
  screen('archive', '/:pub/archive', () => '/harbour-lantern/archive'),
  screen('archive-empty', '/:pub/archive', () => '/tide-table/archive'),
  screen('sign-up-accent', '/:pub', () => '/tide-table'),
  {
    name: 'archived-digest',
    route: '/:pub/archive/:digest',
    needs: 'reader',
    reach: (page, { testApp }) => openArchived(page, testApp, 'daily'),
  },
  {
    name: 'archived-article',
    route: '/:pub/archive/:digest',
    needs: 'reader',
    reach: (page, { testApp }) => openArchived(page, testApp, 'instant'),
  },
  screen('publication-archived', '/:pub', () => '/old-letter'),
  screen('home', '/', () => '/'),
  { name: 'home-empty', route: '/', needs: 'reader', reach: (page, { newHouse }) => page.goto(newHouse.url) },

  at('check-inbox', '/check-inbox/:ticket', 'checkInbox'),
  {
    name: 'check-inbox-mail-host',
    route: '/check-inbox/:ticket',
    needs: 'reader',
    reach: (page, { plainUrl, paths }) => page.goto(plainUrl + paths.checkInbox),
  },
  at('check-inbox-not-now', '/check-inbox/:ticket', 'checkInboxNotNow'),
  at('check-inbox-again', '/check-inbox/:ticket', 'checkInboxAgain'),
  at('confirm', '/confirm/:token', 'confirm'),
  { name: 'confirm-press-again', route: '/confirm/:token', needs: 'reader', reach: pressHiddenButton },
  at('confirm-expired', '/confirm/:token', 'confirmExpired'),
  at('subscribed', '/confirm/:token', 'subscribed'),
  at('subscribed-before', '/confirm/:token', 'confirmedBefore'),
  screen('link-invalid', '/confirm/:token', () => '/confirm/cut-in-two'),
  screen('link-invalid-known', '/confirm/:token', ({ paths }) => paths['confirm']?.slice(0, -9) ?? ''),
  at('unsubscribe', '/unsubscribe/:token', 'unsubscribe'),
  at('unsubscribed', '/unsubscribe/:token', 'unsubscribed'),
  at('resubscribed', '/unsubscribe/:token', 'resubscribed'),
  at('unsubscribe-paused', '/unsubscribe/:token', 'unsubscribePaused'),
  at('unsubscribe-arabic', '/unsubscribe/:token', 'unsubscribeArabic'),
  at('unsubscribed-why', '/unsubscribe/:token', 'unsubscribedWhy'),
  at('unsubscribed-mailed', '/unsubscribe/:token', 'unsubscribedMailed'),
  at('unsubscribed-blocked', '/unsubscribe/:token', 'unsubscribedBlocked'),
  screen('unsubscribe-unknown', '/unsubscribe/:token', () => '/unsubscribe/cut-in-two'),
  at('manage', '/manage/:token', 'manage'),
  at('manage-saved', '/manage/:token', 'manageSaved'),
  at('manage-paused', '/manage/:token', 'managePaused'),
  at('manage-arabic', '/manage/:token', 'manageArabic'),
  { name: 'manage-mistake', route: '/manage/:token', needs: 'reader', reach: pauseUntilNothing },
  screen('manage-link', '/:pub/manage', () => '/harbour-lantern/manage'),
  screen('manage-link-asked', '/:pub/manage', () => '/harbour-lantern/manage?done=requested'),
  { name: 'manage-link-error', route: '/:pub/manage', needs: 'reader', reach: askWithoutAddress },
  screen(
    'old-link-unknown',
    '/subscription/:campaign/:subscriber',
    () => `/subscription/${NOBODY}/${NOBODY}`,
  ),
  { name: 'old-link-several', route: '/unsubscribe', needs: 'reader', reach: openOldLinkOfSeveral },
  screen(
    'old-link-asked',
    '/old-link/address',
    () => '/old-link/address?done=asked&newsletter=harbour-lantern',
  ),
  { name: 'old-link-error', route: '/old-link/address', needs: 'reader', reach: leaveWithoutAddress },
  at('manage-own', '/manage/:token', 'own'),
  at('manage-own-asked', '/manage/:token', 'ownAsked'),
  at('manage-own-pending', '/manage/:token', 'ownPending'),
  at('manage-own-expired', '/manage/:token', 'ownExpired'),
  at('manage-stopped-bounced', '/manage/:token', 'stoppedBounced'),
  at('manage-stopped-complained', '/manage/:token', 'repairAsked'),
  at('manage-own-needed', '/manage/:token/data', 'ownNeeded'),
  at('manage-address', '/manage/:token/address', 'ownAddress'),
  { name: 'manage-address-typo', route: '/manage/:token/address', needs: 'reader', reach: mistypeNewAddress },
  at('address-confirm', '/manage/:token/address/confirm', 'addressConfirm'),
  at('address-confirmed', '/manage/:token/address/confirm', 'addressConfirmed'),
  at('address-merged', '/manage/:token/address/confirm', 'addressMerged'),
  at('address-taken-back', '/manage/:token/address/confirm', 'addressTakenBack'),
  at('address-expired', '/manage/:token/address/confirm', 'addressExpired'),
  at('address-cancel', '/manage/:token/address/cancel', 'addressCancel'),
  at('address-kept', '/manage/:token/address/cancel', 'addressKept'),
  at('manage-erase', '/manage/:token/erase', 'erase'),
  at('manage-erased', '/manage/:token/erase', 'erased'),
  at('manage-repair', '/manage/:token/repair/confirm', 'repair'),
  at('manage-repaired', '/manage/:token/repair/confirm', 'repaired'),
  at('never', '/never/:token', 'never'),
  at('never-done', '/never/:token', 'neverDone'),
  screen('never-forgotten', '/never/:token', ({ paths }) => paths['never']?.slice(0, -9) ?? ''),

  {
    name: 'inbox',
    route: '/inbox',
    needs: 'reader',
    reach: (page, { testApp }) => standingInbox(page, testApp.url),
  },
  {
    name: 'inbox-empty',
    route: '/inbox',
    needs: 'reader',
    reach: (page, { newHouse }) => standingInbox(page, newHouse.url),
  },
  at('inbox-mail', '/inbox/:id', 'inboxMail'),
  screen('inbox-mail-text', '/inbox/:id', ({ paths }) => `${paths.inboxMail}?view=text`),
  screen('inbox-mail-headers', '/inbox/:id', ({ paths }) => `${paths.inboxMail}?view=headers`),

  ...deskScreens,

  screen('error-404', undefined, () => '/there/is/nothing'),
  screen('error-404-accent', undefined, () => '/tide-table/nope'),
  { name: 'error-429', needs: 'reader', reach: signUpOnceMore },
  { name: 'error-500', needs: 'reader', reach: missATable },

  mail('mail-confirmation', /^Confirm your subscription/),
  mail('mail-already-subscribed', /^You're already subscribed/),
  mail('mail-alert-held', /: a digest waits for your word$/),
  mail('mail-alert-paused', /: sending is paused$/),
  mail('mail-alert-attack', /: an unusual number of sign-ups$/),
  mail('mail-welcome', /^You're subscribed/),
  mail('mail-manage-link', /^Your settings for/),
  mail('mail-address-confirm', /^Confirm this address for/),
  mail('mail-address-asked', /^Your address for .*: a change was asked for$/),
  mail('mail-address-moved', /goes to another address now$/),
  mail('mail-address-returned', /no longer comes to this address$/),
  mail('mail-repair', /^Get .* again\?$/),
  mail('mail-digest-one', /^(?!.*(, and \d more$|subscri))/),
  mail('mail-digest-several', /, and \d more$/),
];

function screen(name: string, route: string | undefined, path: (fixture: Fixture) => string): Screen {
  const reach = (page: Page, fixture: Fixture) => page.goto(fixture.testApp.url + path(fixture));
  return { name, ...(route === undefined ? {} : { route }), needs: 'reader', reach };
}

function at(name: string, route: string, place: keyof Paths): Screen {
  return screen(name, route, ({ paths }) => paths[place]);
}

/** A mail as its reader's program shows it, picked by its subject. */
function mail(name: string, subject: RegExp): Screen {
  const reach = async (page: Page, { mails }: Fixture) => {
    const found = mails.find((one) => subject.test(one.subject));
    if (found === undefined) throw new Error(`No mail has a subject like ${subject.source}`);
    await page.setContent(found.html);
  };
  return { name, needs: 'mail', reach };
}

async function askWithoutAddress(page: Page, { testApp }: Fixture): Promise<void> {
  await page.goto(`${testApp.url}/harbour-lantern/manage`);
  await page.getByRole('button', { name: 'Send me the link' }).click();
  await page.getByText('Enter your email address.').waitFor();
}

async function mistypeNewAddress(page: Page, { testApp, paths }: Fixture): Promise<void> {
  await page.goto(testApp.url + paths.ownAddress);
  await page.getByLabel('New email address').fill('amina@gmial.com');
  await page.getByRole('button', { name: 'Change address' }).click();
  await page.getByRole('button', { name: 'Use amina@gmail.com' }).waitFor();
}

/** Opens a link of Ghost of a reader whose list has become several newsletters. */
async function openOldLinkOfSeveral(page: Page, { testApp }: Fixture): Promise<void> {
  const { db } = testApp.context;
  const readers = await db.many<{ id: string }>(sql`
    select id from subscriptions where status in ('confirmed', 'unsubscribed') order by status, id limit 3
  `);
  const link = { product: 'ghost' as const, uuid: NOBODY, key: null, newsletter: null };
  await db.transaction((tx) =>
    recordOldLinks(
      tx,
      readers.map(({ id }) => ({ ...link, subscriptionId: id })),
    ),
  );
  await page.goto(`${testApp.url}/unsubscribe/?uuid=${NOBODY}`);
}

async function leaveWithoutAddress(page: Page, { testApp }: Fixture): Promise<void> {
  await page.goto(`${testApp.url}/old-link/address`);
  await page.getByRole('button', { name: 'Stop the emails' }).click();
  await page.getByText('Enter your email address.').waitFor();
}

/** Asks for a pause until a date, without a date. */
async function pauseUntilNothing(page: Page, { testApp, paths }: Fixture): Promise<void> {
  await page.goto(testApp.url + paths.manage);
  await page.getByText('Pause', { exact: true }).click();
  await page.getByLabel('Until', { exact: true }).check();
  await page.getByRole('button', { name: 'Pause emails' }).click();
  await page.waitForURL('**/pause');
}

/** The inbox that looks for new mail, without the header that would make the browser reload it meanwhile. */
async function standingInbox(page: Page, url: string): Promise<void> {
  await page.route(`${url}/inbox`, async (route) => {
    const response = await route.fetch();
    const { refresh: _, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  await page.goto(`${url}/inbox`);
}

/** The newest digest of a cadence, as everybody may read it. */
async function openArchived(
  page: Page,
  { url, context }: Fixture['testApp'],
  cadence: string,
): Promise<void> {
  const { id } = await context.db.one<{ id: string }>(sql`
    select g.id
      from digests g
      join variants v on v.digest_id = g.id
     where g.cadence = ${cadence}
       and v.rendered_at is not null
     order by g.id desc
     limit 1
  `);
  await page.goto(`${url}/harbour-lantern/archive/${id}`);
}

function send(email: string) {
  return async (page: Page, { testApp }: Fixture): Promise<void> => {
    await page.goto(`${testApp.url}/harbour-lantern`);
    await page.getByLabel('Email address').fill(email);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/subscriptions');
  };
}

/** Uses up the rate limit of this network, and resets it afterwards. */
async function replyWithSlip(page: Page, { testApp, paths }: Fixture): Promise<void> {
  await page.goto(testApp.url + paths.article);
  await page.getByLabel('Your comment').fill('Well said.');
  await page.getByLabel('Name').fill('Amina');
  await page.getByLabel('Email, not shown').fill('amina@gmial.com');
  await page.getByLabel('Email me new articles').check();
  await page.getByRole('button', { name: 'Post the comment' }).click();
  await page.getByRole('button', { name: 'Use amina@gmail.com' }).waitFor();
}

async function signUpOnceMore(page: Page, { testApp }: Fixture): Promise<void> {
  const { db, now } = testApp.context;
  const until = new Date(now().getTime() + 60_000);
  for (const { key, max } of networkLimits('127.0.0.1', now()))
    await db.run(sql`
      insert into sign_up_limits (key, points, resets_at)
      values (${key}, ${max}, ${until})
      on conflict (key) do update set points = excluded.points
    `);
  await page.goto(`${testApp.url}/harbour-lantern`);
  await page.getByLabel('Email address').fill('one.more@example.org');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/subscriptions');
  await db.run(sql`delete from sign_up_limits`);
}

/** Reads an article to its end, with a browser clock that is moved on. */
async function reachPrompt(page: Page, { testApp, paths }: Fixture, manner = 'slide-in'): Promise<void> {
  await page.clock.install();
  await page.route('**/demo/articles/*', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace('data-prompt="slide-in"', `data-prompt="${manner}"`);
    await route.fulfill({ response, body });
  });
  if (manner === 'dialog') await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(testApp.url + paths.article);
  await page.locator('.nl-float').waitFor();
  await page.evaluate('scrollTo(0, document.body.scrollHeight)');
  await page.clock.runFor(6_000);
  await page.getByRole('button', { name: "Don't ask again" }).waitFor();
}

async function pressButton(page: Page, { testApp, paths }: Fixture): Promise<void> {
  await page.goto(testApp.url + paths.article);
  await page.locator('.nl-float').press('Enter');
  await page.getByRole('button', { name: 'Close' }).waitFor();
}

async function pressHiddenButton(page: Page, { testApp, paths }: Fixture): Promise<void> {
  await page.goto(testApp.url + paths['confirm']);
  await Promise.all([
    page.waitForEvent('domcontentloaded'),
    page.evaluate(`document.querySelector('button[inert]').click()`),
  ]);
}

/** Without a table its pages fail with an internal error. */
async function missATable(page: Page, { testApp, paths }: Fixture): Promise<void> {
  const { db } = testApp.context;
  await db.run(sql`alter table sign_up_requests rename to away`);
  await page.goto(testApp.url + paths.checkInbox);
  await db.run(sql`alter table away rename to sign_up_requests`);
}
