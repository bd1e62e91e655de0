import type { Page } from 'playwright-core';
import { sql } from '../../../src/platform/db/sql.js';
import { findPublicationBySlug } from '../../../src/publications/reads.js';
import { invalidateAttackCache } from '../../../src/subscribers/attack/is-under-attack.js';
import type { TestApp } from '../../support/test-app.js';
import { locationOf, mailsTo, type Mail } from './readers.js';
import { LANTERN } from './week.js';

type WithTestApp = { testApp: TestApp };

/** Opens a screen while the Lantern is under attack, with two days of forms and four held sign-ups; ends the attack afterwards. */
export function underAttack<Fixture extends WithTestApp>(
  reach: (page: Page, fixture: Fixture) => Promise<unknown>,
) {
  return async (page: Page, fixture: Fixture): Promise<void> => {
    await begin(fixture);
    invalidateAttackCache(fixture.testApp.context);
    await reach(page, fixture);
    await endAttack(fixture.testApp);
  };
}

/** The mails to operators about an attack. */
export async function attackMails(testApp: TestApp): Promise<Mail[]> {
  await begin({ testApp });
  await testApp.handlers['alert-operators']({});
  await testApp.runDueJobs();
  await endAttack(testApp);
  return (await mailsTo(testApp, 'editor@lantern.example')).slice(-1);
}

/** Signs up as somebody whose browser runs no script. */
export async function signUpUnproved(page: Page, { testApp }: WithTestApp): Promise<void> {
  const answer = await page.request.post(`${testApp.url}/${LANTERN}/subscriptions`, {
    form: { email: 'amina.odhiambo@example.org' },
    maxRedirects: 0,
  });
  await page.goto(testApp.url + locationOf(testApp, answer.headers()['location']));
}

/** Sees the form as somebody whose browser does not run our script. */
export async function withoutProofScript(page: Page, { testApp }: WithTestApp): Promise<void> {
  await page.route('**/assets/proof-of-work-*.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: '' }),
  );
  await page.goto(`${testApp.url}/${LANTERN}`);
}

async function endAttack({ context }: TestApp): Promise<void> {
  await context.db.run(sql`delete from attacks`);
  await context.db.run(sql`delete from sign_up_requests where outcome = 'held'`);
  await context.db.run(sql`delete from sign_up_counts`);
  invalidateAttackCache(context);
}

async function begin({ testApp }: WithTestApp): Promise<void> {
  const { db, now } = testApp.context;
  const id = (await findPublicationBySlug(db, LANTERN))?.id ?? '';
  await db.run(sql`
    insert into attacks (publication_id, cause, began_at, seen_at, forms, refused, usual)
    values (${id}, 'flood', ${now()}::timestamptz - interval '50 minutes', ${now()}, 1840, 212, 3.2)
  `);
  await db.run(sql`delete from sign_up_counts`);
  await db.run(sql`
    insert into sign_up_counts (publication_id, began_at, outcome, count)
    select ${id}, date_trunc('hour', ${now()}::timestamptz) - n * interval '1 hour', outcome,
           case when n > 1 then (12 + n * 7 % 31) * calm else 1840 / (n + 1) * flood end / 100
      from generate_series(0, 47) as n,
           (values ('recorded', 100, 30), ('held', 4, 60), ('honeypot', 8, 10)) as o (outcome, calm, flood)
  `);
  await db.run(sql`
    insert into sign_up_requests (publication_id, email, outcome, reasons, source, created_at)
    select ${id}, email, 'held', reasons, source, ${now()}::timestamptz - n * interval '7 minutes'
      from (values (1, 'wanjiru.kamau@example.org', array['unproved'], 'https://lantern.example/harbour/the-long-night-of-the-lighthouse'),
                   (2, 'x7k2q9wd4f8z1m3@mail.example', array['unproved', 'machine-made'], null),
                   (3, 'the.very.long.name.of.a.reader.who.has.several@university-of-the-outer-harbour.example',
                    array['unproved', 'disposable'], 'https://lantern.example/'),
                   (4, 'b8c1q0zz7t2@mail.example', array['unproved', 'machine-made', 'too-fast'], null))
           as held (n, email, reasons, source)
  `);
}
