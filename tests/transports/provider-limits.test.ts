import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/platform/durations.js';
import { mailboxProviderOf } from '../../src/platform/mail/mailbox-provider.js';
import {
  countProviderMail,
  liftProviderLimit,
  type ProviderEvent,
} from '../../src/transports/provider-limits/judge-providers.js';
import { judgeRates } from '../../src/transports/provider-limits/rates.js';
import { listProviderLimits, readProviderRates } from '../../src/transports/provider-limits/reads.js';
import { addArticles, addReaders, resetTestApp } from '../support/fixtures.js';
import { addOperator } from '../support/operator-session.js';
import { readMails, signUp } from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

describe('the rates of one provider', () => {
  test.each([
    [999, 999, 999, 'well'],
    [1000, 0, 4, 'well'],
    [10_000, 0, 9, 'well'],
    [10_000, 0, 10, 'slow'],
    [10_000, 0, 29, 'slow'],
    [10_000, 0, 30, 'paused'],
    [1000, 19, 0, 'well'],
    [1000, 20, 0, 'slow'],
    [1000, 49, 0, 'slow'],
    [1000, 50, 0, 'paused'],
    [1000, 20, 5, 'paused'],
  ] as const)('%d accepted, %d bounced, %d complained: %s', (accepted, bounced, complained, state) => {
    expect(judgeRates({ accepted, bounced, complained })).toBe(state);
  });

  test('are those of all its domains', () => {
    const known = {
      Gmail: ['gmail.com', 'googlemail.com'],
      Microsoft: ['outlook.com', 'hotmail.co.uk', 'live.de', 'msn.com'],
      Yahoo: ['yahoo.com', 'yahoo.co.jp', 'aol.com', 'ymail.com'],
      Apple: ['icloud.com', 'me.com'],
    };
    for (const [provider, domains] of Object.entries(known))
      for (const domain of domains) expect([domain, mailboxProviderOf(domain)]).toEqual([domain, provider]);
    for (const domain of ['example.com', 'notgmail.com', 'gmail.com.example', 'my-hotmail.com', ''])
      expect([domain, mailboxProviderOf(domain)]).toEqual([domain, undefined]);
  });
});

describe('mail to a provider', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await openTestApp();
  });
  beforeEach(() => resetTestApp(app));
  afterAll(() => app.close());

  const count = (what: ProviderEvent['what'], times: number, domain = 'gmail.com') =>
    app.context.db.transaction((tx) =>
      countProviderMail(
        tx,
        Array.from({ length: times }, () => ({ domain, what })),
        app.context.now(),
      ),
    );
  const judge = async () => {
    await app.handlers['judge-providers']({});
    await app.handlers['judge-providers']({});
    return (await listProviderLimits(app.context.db)).map(({ provider, state }) => `${provider} ${state}`);
  };

  test('is counted when it is accepted or refused, and added up over seven days', async () => {
    const publication = await app.createPublication({ defaultCadence: 'instant' });
    await addReaders(
      app,
      publication,
      ['a@gmail.com', 'b@googlemail.com', 'gone@gmail.com', 'c@town.example'],
      {
        cadence: 'instant',
      },
    );
    app.smtp.setScript((stage, address) =>
      stage === 'rcpt' && address.startsWith('gone@') ? '550 5.1.1 No such user' : undefined,
    );
    await addArticles(app, publication, 'Harbour');
    app.advanceClock(15 * MINUTE_MS);
    await app.runDueJobs();
    const gmail = async () =>
      (await readProviderRates(app.context.db, app.context.now())).find(
        ({ provider }) => provider === 'Gmail',
      );
    expect(await gmail()).toEqual({ provider: 'Gmail', accepted: 2, bounced: 1, complained: 0 });
    app.advanceClock(6 * DAY_MS);
    await app.handlers['add-up-counts']({});
    expect(await gmail()).toMatchObject({ accepted: 2 });
    app.advanceClock(DAY_MS + HOUR_MS);
    expect(await gmail()).toMatchObject({ accepted: 0, bounced: 0 });
  });

  test('slows down and stops with its complaints, and goes again when they are a week ago', async () => {
    await count('accepted', 10_000);
    await count('complained', 9);
    expect(await judge()).toEqual([]);
    await count('complained', 1);
    expect(await judge()).toEqual(['Gmail slow']);
    await count('complained', 20, 'googlemail.com');
    expect(await judge()).toEqual(['Gmail paused']);
    app.advanceClock(8 * DAY_MS);
    expect(await judge()).toEqual([]);
  });

  test('waits while it is paused, beside mail to others and confirmations; operators are told, and can let it go', async () => {
    const publication = await app.createPublication({ defaultCadence: 'instant' });
    await addOperator(app, 'ed@lantern.example');
    await addReaders(app, publication, ['a@gmail.com', 'b@town.example'], { cadence: 'instant' });
    await count('accepted', 1000);
    await count('complained', 5);
    expect(await judge()).toEqual(['Gmail paused']);
    await addArticles(app, publication, 'Harbour');
    app.advanceClock(15 * MINUTE_MS);
    await app.runDueJobs();
    await signUp(app, 'new@gmail.com');
    await app.handlers['alert-operators']({});
    await app.runDueJobs();
    const mailed = async () =>
      (await readMails(app)).map(({ to, subject }) => `${to}: ${subject}`).toSorted();
    expect(await mailed()).toEqual([
      'b@town.example: Harbour',
      'ed@lantern.example: Too much comes back from Gmail',
      'new@gmail.com: Confirm your subscription to The Lantern',
    ]);
    expect(await liftProviderLimit(app.context, 'Gmail')).toBe(true);
    expect(await liftProviderLimit(app.context, 'Yahoo')).toBe(false);
    app.advanceClock(16 * MINUTE_MS);
    await judge();
    await app.handlers.sweep({});
    await app.runDueJobs();
    expect(await mailed()).toContain('a@gmail.com: Harbour');
  });
});
