import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { addFeed } from '../../../src/articles/feeds/change-feeds.js';
import { skipArticle } from '../../../src/articles/release/decide-article.js';
import {
  approveDigest,
  cancelDigest,
  pauseDigestByOperator,
  pauseDigestByMailServer,
} from '../../../src/digests/change-state.js';
import { sendHeldMail } from '../../../src/deliveries/control/after-restore.js';
import { readAlertContent } from '../../../src/deliveries/notices/compose-alert.js';
import { resumeDigest } from '../../../src/deliveries/control/resume-digest.js';
import { resumeTransport } from '../../../src/deliveries/control/resume-transport.js';
import { removeOperator } from '../../../src/operators/accounts.js';
import type { Role } from '../../../src/operators/operator.js';
import { archivePublication } from '../../../src/publications/change-publication.js';
import {
  deleteClockDifference,
  recordClockDifference,
} from '../../../src/platform/clock/clock-differences.js';
import { holdMail, readInstallation } from '../../../src/platform/restore/installation.js';
import { sql } from '../../../src/platform/db/sql.js';
import { expandUuid } from '../../../src/platform/uuid.js';
import type { Publication } from '../../../src/publications/publication.js';
import { updatePublication } from '../../../src/publications/change-publication.js';
import { blockAddress } from '../../../src/subscribers/suppression/block-address.js';
import { setAttackMode } from '../../../src/subscribers/attack/set-attack-mode.js';
import { readMails, type ReaderMail } from '../../support/reader-actions.js';
import { startFeedServer, type FeedServer } from '../../support/feed-server.js';
import { addOperator } from '../../support/operator-session.js';
import { alerts } from '../../mails/alert-cases.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import {
  addArticles,
  addReader,
  addReaders,
  readerAddresses,
  resetTestApp,
  advanceAndRunJobs,
} from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { DAY_MS, MINUTE_MS } from '../../../src/platform/durations.js';

let testApp: TestApp;
let publication: Publication;
let feeds: FeedServer;

beforeAll(async () => {
  testApp = await openTestApp();
  feeds = await startFeedServer();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  await account('owner@lantern.example', 'owner');
  await account('editor@lantern.example', 'editor');
  await account('viewer@lantern.example', 'viewer');
});
afterAll(async () => {
  await feeds.close();
  await testApp.close();
});

const account = (email: string, role: Role) => addOperator(testApp, email, role);

/** A minute passes: the job that looks for alerts runs, and what it enqueued. */
async function passMinute(): Promise<void> {
  testApp.advanceClock(MINUTE_MS);
  await testApp.handlers['alert-operators']({});
  await testApp.runDueJobs();
}

const operatorMails = async () =>
  (await readMails(testApp)).filter(({ to }) => to.endsWith('@lantern.example'));
const newOperatorMails = async () => {
  const mails = await operatorMails();
  testApp.smtp.messages.length = 0;
  return mails;
};
const notices = () =>
  testApp.context.db.many<{ state: string; skipReason: string | null; answer: string | null }>(
    sql`select state, skip_reason, answer from notices where kind = 'alert' order by id`,
  );
/** A mail's text without its line breaks. */
const words = (text: string) => text.replace(/\s+/g, ' ');

async function addDigest(
  state: 'held' | 'sending' | 'paused',
  reason: string | null = null,
): Promise<string> {
  const { id } = await testApp.context.db.one<{ id: string }>(sql`
    insert into digests (publication_id, cadence, period, state, reason, expires_at, key_id, created_at)
    values (${publication.id}, 'daily', '2026-11-22', ${state}, ${reason},
            ${new Date(testApp.context.now().getTime() + 3 * DAY_MS)}, 'k', ${testApp.context.now()})
    returning id
  `);
  return id;
}

/** A circuit of the server or of a domain; without `closesAt` it is open until an operator closes it. */
async function addOpenCircuit(domain: string, kind: string, reason: string, closesAt: Date | null = null) {
  const { db, now } = testApp.context;
  const { id } = await db.one<{ id: string }>(sql`
    with server as (
      insert into transports (name) values ('mail.example:587')
      on conflict (name) do update set name = excluded.name returning id
    )
    insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at, closes_at)
    select id, ${domain}, ${kind}, ${reason}, 120, 60, ${now()}, ${closesAt} from server
    returning id
  `);
  return id;
}

/** A feed brings 25 articles at once. */
async function floodFeed(): Promise<void> {
  feeds.articles.splice(0, Infinity, { id: 'first', title: 'Harbour' });
  await addFeed(testApp.context, { publicationId: publication.id, url: feeds.url, includeNewest: 0 });
  await poll();
  const many = Array.from({ length: 25 }, (_, at) => ({ id: `new-${at}`, title: `Tide ${at}` }));
  feeds.articles.unshift(...many);
  await poll();
}

async function holdId(): Promise<string> {
  return (await testApp.context.db.one<{ id: string }>(sql`select id from article_holds`)).id;
}

async function poll(): Promise<void> {
  const feeds = await testApp.context.db.many<{ id: string }>(sql`select id from feeds`);
  for (const { id } of feeds) await testApp.handlers['poll-feed']({ feedId: id });
}

async function skipHeld(): Promise<void> {
  const held = await testApp.context.db.many<{ id: string }>(
    sql`select id from articles where state = 'held'`,
  );
  for (const { id } of held) await skipArticle(testApp.context, id);
}

type Waiting = {
  subject: RegExp;
  says: string[];
  path: string;
  command: string;
  decide: () => Promise<unknown>;
};

const causes: Record<string, () => Promise<Waiting>> = {
  'a held digest': async () => {
    const id = await addDigest('held', 'It is for 900 readers, and the last one was for 100.');
    return {
      subject: /^The Lantern: a digest waits for your word$/,
      says: [
        '“Daily, 2026-11-22” was stopped before anybody was mailed: ',
        'It is for 900 readers, and the last one was for 100.',
        'Nobody has been mailed anything of it.',
      ],
      path: `/operator/digests/${id}`,
      command: `npx paperround digest approve ${id}`,
      decide: () => approveDigest(testApp.context, id),
    };
  },
  'a digest that answers have paused': async () => {
    const id = await addDigest('sending');
    await testApp.context.db.transaction((tx) =>
      pauseDigestByMailServer(tx, id, '550 5.7.1 <ada@example.com> relaying denied', testApp.context.now()),
    );
    return {
      subject: /^The Lantern: sending is paused$/,
      says: ['relaying denied', 'the others wait, and nobody gets two'],
      path: `/operator/digests/${id}`,
      command: `npx paperround digest resume ${id}`,
      decide: () => resumeDigest(testApp.context, id),
    };
  },
  'a mail server that refuses us': async () => {
    const id = await addOpenCircuit('', 'refused', '535 5.7.8 login failed for ada@example.com');
    return {
      subject: /^mail\.example:587 takes no mail from us$/,
      says: ['The mail server mail.example:587 refuses our mail', 'waits and is not lost', 'login failed'],
      path: '/operator/publications/lantern',
      command: 'npx paperround transport resume mail.example:587',
      decide: () => resumeTransport(testApp.context, id),
    };
  },
  'a domain whose readers are said not to exist': async () => {
    const id = await addOpenCircuit('example.org', 'bounces', '550 5.1.1 no such user');
    return {
      subject: /^Mail to example\.org waits for your word$/,
      says: ['50.0 % of our readers there do not exist', 'no reader is suppressed for it'],
      path: '/operator/publications/lantern',
      command: 'npx paperround transport resume mail.example:587 --domain example.org',
      decide: () => resumeTransport(testApp.context, id),
    };
  },
  'an arrival of articles that looks unusual': async () => {
    await floodFeed();
    return {
      subject: /^The Lantern: 25 articles wait for your word$/,
      says: [
        '25 articles that came in look unusual and are held: ',
        `From the feed The Paper (${feeds.url}):`,
        'Tide 0',
        'Tide 4',
        'and 20 more',
        'Nobody is mailed them until you decide.',
      ],
      path: `/operator/publications/lantern/articles/holds/${await holdId()}`,
      command: `npx paperround article release --held ${await holdId()} --newest 3`,
      decide: skipHeld,
    };
  },
  'feeds that have failed for a day': async () => {
    feeds.articles.splice(0, Infinity, { id: 'first', title: 'Harbour' });
    const urls = [feeds.url, `${feeds.url}?topic=2`];
    for (const url of urls) {
      await addFeed(testApp.context, { publicationId: publication.id, url, includeNewest: 0 });
    }
    await poll();
    feeds.setResponse('/feed.xml', { status: 500 });
    await poll();
    testApp.advanceClock(DAY_MS - MINUTE_MS);
    await testApp.handlers['alert-operators']({});
    expect(await notices()).toEqual([]);
    testApp.advanceClock(MINUTE_MS);
    return {
      subject: /^The Lantern: 2 feeds do not work$/,
      says: [
        ...urls.map((url) => `${url} since`),
        '500',
        'what is new in it since it was last read is taken',
      ],
      path: '/operator/publications/lantern#feeds',
      command: 'npx paperround feed list --publication lantern',
      decide: async () => {
        feeds.setResponse('/feed.xml', undefined);
        const body = '<rss version="2.0"><channel><title>Tides</title></channel></rss>';
        feeds.setResponse('/feed.xml?topic=2', { status: 200, body });
        await poll();
      },
    };
  },
  'a clock that is not Postgres’': async () => {
    const { db } = testApp.context;
    await recordClockDifference(db, 'mail-2 4711', 365 * DAY_MS);
    return {
      subject: /^A clock is wrong, and nothing is sent by it$/,
      says: ['The clock of mail-2 4711 is 525,600 minutes ahead of the database’s.', 'No mail is lost.'],
      path: '/operator/publications/lantern',
      command: 'timedatectl set-ntp true',
      decide: () => deleteClockDifference(db, 'mail-2 4711'),
    };
  },
  'a database that was restored': async () => {
    const { db, now } = testApp.context;
    await readInstallation(db);
    await holdMail(db, { reason: 'older', survivedCounter: 7 }, now());
    return {
      subject: /^The database was restored, and mail waits for your word$/,
      says: ['it was restored from a copy', 'nothing is given up or deleted'],
      path: '/operator/publications/lantern',
      command: 'npx paperround after-restore send',
      decide: () => sendHeldMail(testApp.context),
    };
  },
  'sign-ups that are far more than usual': async () => {
    const { db, now } = testApp.context;
    await db.run(sql`
      insert into attacks (publication_id, cause, began_at, seen_at, forms, refused, usual)
      values (${publication.id}, 'flood', ${now()}, ${now()}, 1200, 3, 12.4)
    `);
    await db.run(sql`
      insert into sign_up_requests (publication_id, email, outcome, created_at)
      values (${publication.id}, 'ada@example.com', 'held', ${now()})
    `);
    return {
      subject: /^The Lantern: an unusual number of sign-ups$/,
      says: [
        '1,200 sign-up forms came within ten minutes. Usually it is about 12.',
        'One sign-up is held now.',
        'Digests go out as usual.',
      ],
      path: '/operator/publications/lantern/readers/held',
      command: 'npx paperround subscriber release --all --publication lantern',
      decide: () => setAttackMode(testApp.context, publication.id, false),
    };
  },
};

describe.each(Object.entries(causes))('%s', (_name, begin) => {
  test('is mailed to every owner and editor, with the way to decide, once a day until it is over', async () => {
    const { subject, says, path, command, decide } = await begin();
    await passMinute();
    const mails = await newOperatorMails();
    expect(mails.map(({ to }) => to).sort()).toEqual(['editor@lantern.example', 'owner@lantern.example']);
    for (const mail of mails) {
      expect(mail.subject).toMatch(subject);
      expect(await targetsOf(mail)).toEqual([path]);
      for (const part of [mail.text, mail.html.replaceAll(/<[^>]+>/g, ' ').replaceAll('&amp;', '&')]) {
        for (const each of [...says, command]) expect(words(part)).toContain(words(each));
        expect(part).not.toContain('ada@example.com');
      }
      expect(mail.header('auto-submitted')).toBe('auto-generated');
      expect(mail.header('list-unsubscribe')).toBeUndefined();
      expect(mail.header('from')).toContain('confirm@lantern.example');
    }

    for (const wait of [0, 60 * MINUTE_MS, DAY_MS - 64 * MINUTE_MS]) {
      testApp.advanceClock(wait);
      await passMinute();
    }
    expect(await newOperatorMails()).toEqual([]);
    await passMinute();
    expect(await newOperatorMails()).toHaveLength(2);

    await decide();
    testApp.advanceClock(DAY_MS);
    await passMinute();
    expect(await newOperatorMails()).toEqual([]);
    const alerts = await testApp.context.db.many<{ resolvedAt: Date | null }>(
      sql`select resolved_at from alerts`,
    );
    expect(alerts).toEqual([{ resolvedAt: testApp.context.now() }, { resolvedAt: testApp.context.now() }]);
  });

  test('is not mailed when it was decided before its mail was sent', async () => {
    const { decide } = await begin();
    await testApp.handlers['alert-operators']({});
    await decide();
    await testApp.runDueJobs();
    expect(await operatorMails()).toEqual([]);
    expect(await notices()).toEqual([
      { state: 'skipped', skipReason: 'over', answer: null },
      { state: 'skipped', skipReason: 'over', answer: null },
    ]);
  });
});

/** When every reader is at one domain, a refusal opens the circuit of that domain only. */
const atManyDomains = (emails: string[]) =>
  emails.map((email, at) => email.replace('.com', ['.com', '.org', '.net'][at % 3] ?? ''));

test('two jobs at the same moment alert once', async () => {
  await addDigest('held', 'Waiting for approval.');
  await Promise.all(Array.from({ length: 4 }, () => testApp.handlers['alert-operators']({})));
  await testApp.runDueJobs();
  expect(await operatorMails()).toHaveLength(2);
});

test('a server that refuses us pauses a digest, and one mail says so once mail is accepted again', async () => {
  await updatePublication(testApp.context, publication.id, { approval: true });
  await addReaders(testApp, publication, atManyDomains(readerAddresses(60)));
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  await passMinute();
  expect((await newOperatorMails()).map(({ subject }) => subject)).toEqual(
    Array(2).fill('The Lantern: a digest waits for your word'),
  );

  testApp.smtp.setScript((stage) => (stage === 'mail' ? '554 5.7.1 Blocked' : undefined));
  const { id } = await testApp.context.db.one<{ id: string }>(sql`select id from digests`);
  await approveDigest(testApp.context, id);
  for (let passed = 0; passed < 3; passed += 1) await passMinute();
  expect(await testApp.context.db.many(sql`select state from digests`)).toEqual([{ state: 'paused' }]);
  expect(testApp.smtp.messages).toEqual([]);

  testApp.smtp.setScript(() => undefined);
  await advanceAndRunJobs(testApp, 20 * MINUTE_MS);
  const mails = await newOperatorMails();
  expect(mails.map(({ to }) => to).sort()).toEqual(['editor@lantern.example', 'owner@lantern.example']);
  expect(words(mails[0]?.text ?? '')).toContain('554 5.7.1 Blocked');
  expect(await targetsOf(mails[0])).toEqual([`/operator/digests/${id}`]);
});

test('one mail names a refusing server and all digests that it paused', async () => {
  const id = await addDigest('sending');
  await testApp.context.db.transaction((tx) =>
    pauseDigestByMailServer(tx, id, '554 5.7.1 blocked', testApp.context.now()),
  );
  await addOpenCircuit('', 'refused', '554 5.7.1 blocked');
  await passMinute();
  const mails = await newOperatorMails();
  expect(mails).toHaveLength(2);
  expect(words(mails[0]?.text ?? '')).toContain('One digest is paused because of it: “Daily, 2026-11-22”.');
  expect(await targetsOf(mails[0])).toEqual([`/operator/digests/${id}`]);
  expect(words(mails[0]?.text ?? '')).toContain(`npx paperround digest resume ${id}`);
});

test('nobody is alerted of what an operator paused, of what ends by itself, or of an archived newsletter', async () => {
  const byHand = await addDigest('sending');
  await pauseDigestByOperator(testApp.context, byHand);
  await addOpenCircuit('', 'throttled', '421 busy', new Date(testApp.context.now().getTime() + DAY_MS));
  await passMinute();
  await cancelDigest(testApp.context, byHand);
  await testApp.context.db.run(sql`update digests set state = 'held', reason = 'Waiting.'`);
  await archivePublication(testApp.context, publication.id);
  await passMinute();
  expect(await notices()).toEqual([]);
});

test('without operators nothing is recorded; a new operator is alerted within a minute', async () => {
  await testApp.context.db.run(sql`delete from operator_roles`);
  await testApp.context.db.run(sql`delete from operators`);
  await account('viewer@lantern.example', 'viewer');
  await addDigest('held', 'Waiting for approval.');
  const before = await dumpTables(testApp.context.db);
  await passMinute();
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  await account('owner@lantern.example', 'owner');
  await passMinute();
  expect((await operatorMails()).map(({ to }) => to)).toEqual(['owner@lantern.example']);
});

test('an operator who was removed, or who blocked our mail, is not alerted', async () => {
  const gone = await account('gone@lantern.example', 'editor');
  const reader = await addReader(testApp, publication, 'owner@lantern.example');
  await blockAddress(testApp.context, reader.id);
  await addDigest('held', 'Waiting for approval.');
  await testApp.handlers['alert-operators']({});
  await removeOperator(testApp.context, gone.id);
  await testApp.runDueJobs();
  expect((await operatorMails()).map(({ to }) => to)).toEqual(['editor@lantern.example']);
  expect((await notices()).map(({ skipReason, answer }) => skipReason ?? answer).sort()).toEqual([
    '250 2.0.0 Ok: queued as TEST',
    'removed',
    'suppressed',
  ]);
});

test('an alert goes out although the circuit of the only mail server is open', async () => {
  const { db, mailer } = testApp.context;
  await addDigest('held', 'Waiting for approval.');
  const [{ name }] = mailer.transports;
  await db.run(sql`insert into transports (name) values (${name}) on conflict do nothing`);
  await db.run(sql`
    insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at)
    select id, '', 'refused', '554 no', 20, 20, ${testApp.context.now()} from transports where name = ${name}
  `);
  await passMinute();
  expect(await operatorMails()).toHaveLength(4);
});

/** Where the short links of an alert's mail lead, as the dashboard leads on. */
async function targetsOf(mail: ReaderMail | undefined): Promise<(string | undefined)[]> {
  return Promise.all(
    (mail?.links ?? []).map(async (link) => {
      expect(link).toMatch(new RegExp(`^${testApp.url}/operator/alerts/[\\w-]{22}$`));
      const content = await readAlertContent(testApp.context, expandUuid(link.slice(-22)) ?? '', publication);
      return content?.path;
    }),
  );
}

test('the database takes an alert of every kind, and there is none of another', async () => {
  const { definition } = await testApp.context.db.one<{ definition: string }>(sql`
    select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'alerts_kind_check'
  `);
  const allowed = [...definition.matchAll(/'([a-z-]+)'::text/g)].map(([, kind]) => kind);
  const kinds = new Set(Object.values(alerts).map(({ kind }) => kind));
  expect(allowed.toSorted()).toEqual([...kinds].toSorted());
});
