import { recountDeliveries } from '../../support/recount-deliveries.js';
import { createLog } from '../../../src/platform/log.js';
import { bySystem } from '../../../src/platform/actor.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { releaseDueArticles } from '../../../src/articles/release/release-due.js';
import { messageId } from '../../../src/deliveries/mail-urls.js';
import { planOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { readConfig } from '../../../src/platform/config.js';
import { sql } from '../../../src/platform/db/sql.js';
import { loadKeys } from '../../../src/platform/crypto/keys.js';
import { createLinks } from '../../../src/platform/crypto/signed-links.js';
import { updatePublication } from '../../../src/publications/change-publication.js';
import type { Publication } from '../../../src/publications/publication.js';
import { postfixLog, type LoggedMessage } from '../../support/postfix-log.js';
import { templates } from '../../support/test-app.js';
import { addReader, countRows, createLantern, now, openTerminal, type Terminal } from '../open-terminal.js';
import { HOUR_MS } from '../../../src/platform/durations.js';

type Preview = { readers: number; articleIds: string[]; subject: string; text: string; html: string };
type Sent = { id: string; readers: number; articleIds: string[] };

const log = createLog('silent');
let terminal: Terminal;
let publication: Publication;
jest.setTimeout(90_000);

beforeEach(async () => {
  terminal = await openTerminal();
  publication = await createLantern(terminal.db, { holdMinutes: 0 });
});

afterEach(async () => {
  await terminal.close();
});

test('with nobody due there is nothing to preview and nothing is sent: exit 1, and no digest is made', async () => {
  const { run, db } = terminal;
  const nothing = { code: 1, stdout: '', stderr: 'Nobody is due anything. No digest was made.\n' };
  expect(await run('digest', 'send')).toEqual(nothing);
  await addReader(db, 'lantern', 'ana@example.com');
  expect(await run('digest', 'send', '--yes', '--json')).toEqual(nothing);
  expect(await run('digest', 'preview')).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^Nobody is due anything now\. .*--article ID/),
  });
  expect(await countRows(db, 'digests')).toBe(0);
  expect(await run('digest', 'list')).toMatchObject({ code: 0, stdout: 'There is no digest yet.\n' });
  expect(await terminal.json('digest', 'list')).toEqual([]);
});

test('a digest is previewed, sent, listed and shown; sending again finds nobody', async () => {
  const { run, json, db } = terminal;
  await addReader(db, 'lantern', 'ana@example.com');
  await addReader(db, 'lantern', 'ben@example.com');
  await publish('The tide is in', 'The boat sails');
  const preview = await json<Preview>('digest', 'preview');
  expect(preview).toMatchObject({ readers: 2, subject: expect.stringContaining('The tide is in') });
  expect(preview.articleIds).toHaveLength(2);
  expect(preview.text).toContain('The boat sails');
  expect(preview.html).toMatch(/^<!doctype html>/i);
  const [asText, asHtml] = await Promise.all([run('digest', 'preview'), run('digest', 'preview', '--html')]);
  expect(asText.stdout).toMatch(/2 readers\nSubject: .*The tide is in.*\nHTML is \d+ KB of 90\.\n/);
  expect(asHtml.stdout).toContain('</html>');
  expect(await countRows(db, 'digests')).toBe(0);

  const sent = await json<Sent>('digest', 'send', '--yes');
  expect(sent).toMatchObject({ id: expect.any(String), readers: 2, articleIds: preview.articleIds });
  await planOperatorDigest({ db, now, log, templates }, sent.id);
  const [again, elsewhere] = await Promise.all([run('digest', 'send'), run('digest', 'preview')]);
  expect([again.code, elsewhere.code]).toEqual([1, 1]);
  expect(await countRows(db, 'digests')).toBe(1);

  const { waitsFor, deliveries, ...shown } = await json<{ waitsFor: string[]; deliveries: object[] }>(
    'digest',
    'show',
    sent.id,
  );
  expect(deliveries).toMatchObject([
    { email: 'ben@example.com', state: 'queued', answer: null },
    { email: 'ana@example.com', state: 'queued', answer: null },
  ]);
  expect(waitsFor).toEqual([expect.stringContaining('No worker has run yet')]);
  expect(shown).toMatchObject({
    id: sent.id,
    cadence: 'operator',
    state: 'sending',
    counts: {
      ...{ planned: 2, queued: 2, sending: 0, accepted: 0, deferred: 0 },
      ...{ rejected: 0, uncertain: 0, skipped: 0 },
    },
  });
  expect(await json('digest', 'list')).toEqual([shown]);
  expect((await run('digest', 'show', sent.id)).stdout).toMatch(
    /^Being prepared\nplanned 2 = queued 2\nSent: within a minute, while a worker runs\nNo worker has run yet.*\n\nSubscription +Reader .*\n.*ben@.*\n.*ana@.*\n$/,
  );
  expect((await run('digest', 'list')).stdout).toMatch(
    new RegExp(
      `^Id +Cadence +Period +State +Sent +Ledger +Subject\n${sent.id}  operator +sending  within a minute.*planned 2 = queued 2\n$`,
    ),
  );
});

test('without a terminal nothing is sent unless --yes says so; the refusal says what would be sent, to whom and when', async () => {
  const { run, db } = terminal;
  await addReader(db, 'lantern', 'ana@example.com');
  await addReader(db, 'lantern', 'ben@example.com');
  const [first = ''] = await publish('The tide is in', 'The boat sails');
  const refused = async (...words: string[]) => {
    const { code, stdout, stderr } = await run('digest', 'send', ...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/\nNothing was sent\. There is no terminal to ask at: add --yes to do it\.\n$/);
    return stderr.split('\n').slice(0, -2).join('\n');
  };
  const titles = '“The tide is in”, “The boat sails”';
  expect(await refused()).toBe(
    `Send what is new to each, of 2 articles (${titles}), to 2 readers of The Lantern, now?`,
  );
  expect(await refused('--article', first)).toBe(
    'Send 1 article (“The tide is in”) to 2 readers of The Lantern who have not had it before, now?',
  );
  expect(await refused('--article', first, '--again', '--at', '2099-01-07T07:00Z')).toBe(
    'Send 1 article (“The tide is in”) to 2 readers of The Lantern, also if they have had it before, ' +
      'from 7 January 2099, 07:00 (UTC) on? Who gets what is worked out then; this is as of now.',
  );
  expect(await countRows(db, 'digests')).toBe(0);
  expect(await run('digest', 'send', '--yes', '--article', first)).toMatchObject({ code: 0 });
  expect(await refused('--article', first, '--again')).toMatch(
    /^Another digest was ordered 0 minutes ago\.\nSend 1 article .* now\?$/,
  );
  expect(await run('digest', 'send', '--yes', '--again')).toMatchObject({ code: 2 });
});

test('--at without a zone is a time in the publication’s, and the answer, the list and the digest say when it goes', async () => {
  const { run, json, db } = terminal;
  await updatePublication({ db, ...bySystem(now()) }, publication.id, { timezone: 'Africa/Nairobi' });
  const at = '2099-01-07T07:00';
  const sent = await run('digest', 'send', '--yes', '--at', at);
  expect(sent.stdout).toMatch(/ from 7 January 2099, 07:00 \(East Africa Time\) on\./);
  expect(sent.stdout).toContain(
    '\n--at names no time zone: it is read in that of The Lantern, Africa/Nairobi.\n',
  );
  const zoned = ['2099-01-07 07:00:00+03:00', '2099-01-07T04:00Z'];
  for (const same of zoned) {
    const { id } = await json<Sent>('digest', 'send', '--yes', '--at', same);
    expect(await json('digest', 'show', id)).toMatchObject({
      state: 'approved',
      sendAt: '2099-01-07T04:00:00.000Z',
    });
    expect((await run('digest', 'show', id)).stdout).toContain('\nSent: from 2099-01-07T04:00:00.000Z on\n');
  }
  expect((await run('digest', 'list')).stdout.match(/ from 2099-01-07T04:00:00\.000Z on /g)).toHaveLength(3);
  const wrong = ['2099-01-07', 'tomorrow', '2099-13-07T07:00', '2099-01-07T25:00', '1.1.2099 07:00'];
  const answers = await Promise.all(wrong.map((text) => run('digest', 'send', '--yes', '--at', text)));
  expect(answers.map(({ code, stderr }) => [code, /a date and a time of day/.test(stderr)])).toEqual(
    wrong.map(() => [2, true]),
  );
  const past = await run('digest', 'send', '--yes', '--at', '2020-01-07T07:00');
  expect([past.code, past.stderr]).toEqual([
    2,
    expect.stringContaining('--at is past: 7 January 2020, 07:00'),
  ]);
});

test('a mail with one article is previewed whoever is due, also before it is released', async () => {
  const { json, run, db } = terminal;
  const { id } = (await pushArticle({ db, ...bySystem(now()) }, publication, {
    title: 'The fog lifts',
    summary: 'A summary.',
  })) as { id: string };
  const preview = await json<Preview>('digest', 'preview', '--article', id);
  expect(preview).toMatchObject({
    readers: 0,
    articleIds: [id],
    subject: expect.stringContaining('The fog lifts'),
  });
  expect((await run('digest', 'preview', '--article', id)).stdout).toMatch(
    /^For nobody as of now\nSubject: .*fog/,
  );
  const [none, both] = await Promise.all([
    run('digest', 'preview', '--article', '00000000-0000-7000-8000-000000000000'),
    run('digest', 'preview', '--article', id, '--reader', 'ana@example.com'),
  ]);
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('paperround article list')]);
  expect(both.code).toBe(2);
});

test('two runs with one --idempotency-key make one digest, and answer the same', async () => {
  const { run, json, db } = terminal;
  await addReader(db, 'lantern', 'ana@example.com');
  await publish('The tide is in');
  const send = (key: string, ...words: string[]) =>
    json<Sent>('digest', 'send', '--idempotency-key', key, ...words);
  const first = await send('friday', '--yes');
  await planOperatorDigest({ db, now, log, templates }, first.id);
  await publish('The boat sails');
  // It need not ask: it has been answered.
  expect(await send('friday')).toEqual(first);
  expect(await countRows(db, 'digests')).toBe(1);
  const [other, bad] = await Promise.all([
    run('digest', 'send', '--yes', '--idempotency-key', 'friday', '--subject', 'Another'),
    run('digest', 'send', '--yes', '--idempotency-key', 'on friday'),
  ]);
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('used for another digest') });
  expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('visible ASCII') });
  expect(await countRows(db, 'digests')).toBe(1);
  expect((await send('saturday', '--yes')).id).not.toBe(first.id);
});

test('a preview for one reader says why she gets what, or that there is no such reader', async () => {
  const { run, db } = terminal;
  await addReader(db, 'lantern', 'ana@example.com');
  await publish('The tide is in');
  const [hers, nobodys, timeless, timed] = await Promise.all([
    run('digest', 'preview', '--reader', 'ana@example.com', '--at', '2030-01-07T07:00:00Z'),
    run('digest', 'preview', '--reader', 'nobody@example.com'),
    run('digest', 'preview', '--at', '2030-01-07T07:00:00Z'),
    run('digest', 'preview', '--reader', 'ana@example.com', '--at', 'soon'),
  ]);
  expect(hers).toMatchObject({ code: 0, stdout: expect.stringContaining('The tide is in') });
  expect([nobodys.code, nobodys.stderr]).toEqual([1, 'The Lantern has no subscription of that address.\n']);
  expect([timeless.code, timed.code]).toEqual([2, 2]);
});

test('an id that cannot be one is misuse, one that does not exist exits with 1', async () => {
  const { run } = terminal;
  const [noId, nobodys] = await Promise.all([
    run('digest', 'show', 'latest'),
    run('digest', 'show', '00000000-0000-7000-8000-000000000000'),
  ]);
  expect([noId.code, noId.stderr]).toEqual([
    2,
    expect.stringMatching(
      /^That is not the id of a digest: latest\nAn id looks like .*\. To see them: paperround digest list\n$/,
    ),
  ]);
  expect([nobodys.code, nobodys.stderr]).toEqual([1, 'There is no such digest.\n']);
});

test('an operator controls a digest from the terminal; each command may be given twice', async () => {
  const { run, json, db } = terminal;
  for (const name of ['ana', 'ben', 'cleo']) await addReader(db, 'lantern', `${name}@example.com`);
  await publish('The tide is in');
  const { id } = await json<Sent>('digest', 'send', '--yes');
  await planOperatorDigest({ db, now, log, templates }, id);

  expect(await json('digest', 'pause', id)).toEqual({ id, state: 'paused', changed: true });
  const [again, shown] = await Promise.all([run('digest', 'pause', id), run('digest', 'show', id)]);
  expect(again).toMatchObject({ code: 0, stdout: 'It was paused before. Nothing was changed.\n' });
  expect(shown.stdout).toContain(
    'planned 3 = queued 3\nSent: once it is resumed\npaused: An operator paused it.\n',
  );
  expect((await run('digest', 'resume', id)).stdout).toMatch(/^Resumed\./);

  await setStates(id, ['uncertain', 'rejected', 'accepted']);
  expect((await run('digest', 'retry', id)).stdout).toMatch(
    /^Trying 1 mail again: 0 delayed, 1 refused, 0 given up\.\nNo worker has run yet.*\n$/,
  );
  const [guess, resolved] = [
    await run('digest', 'resolve', id, '--as', 'perhaps'),
    await run('digest', 'resolve', id, '--as', 'accepted'),
  ];
  expect([guess.code, resolved.code, resolved.stdout]).toEqual([2, 0, '1 mail is counted as arrived.\n']);
  const none = await run('digest', 'resolve', id, '--as', 'resend', '--yes');
  expect([none.code, none.stderr]).toEqual([1, 'No mail of it is uncertain. Nothing was changed.\n']);

  await setStates(id, ['queued', 'queued', 'accepted']);
  const cancelled = await json<{ keptFrom: number; articles: { title: string }[] }>(
    'digest',
    'cancel',
    id,
    '--yes',
  );
  expect(cancelled).toMatchObject({ id, state: 'cancelled', changed: true, keptFrom: 2 });
  expect(cancelled.articles).toMatchObject([{ title: 'The tide is in' }]);
  const [twice, retried, approved] = await Promise.all([
    run('digest', 'cancel', id),
    run('digest', 'retry', id),
    run('digest', 'approve', id),
  ]);
  expect(twice).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('It was cancelled before.\n1 reader has it'),
  });
  expect([retried.code, approved.code]).toEqual([1, 1]);
  expect(approved.stderr).toBe(
    'It is cancelled for good. Only a held digest can be approved. Nothing was changed.\n',
  );
});

test('a digest is shown with the people behind each number and the servers’ words, state by state in pages', async () => {
  const { run, json, db } = terminal;
  const names = Array.from({ length: 12 }, (_, at) => `reader${String(at).padStart(2, '0')}@example.com`);
  for (const name of names) await addReader(db, 'lantern', name);
  await publish('The tide is in');
  const { id } = await json<Sent>('digest', 'send', '--yes');
  await planOperatorDigest({ db, now, log, templates }, id);
  await setStates(id, ['rejected', ...Array.from<string>({ length: 11 }).fill('accepted')]);
  await db.run(sql`update deliveries set answer = '550 5.1.1 Nobody here' where state = 'rejected'`);
  const all = await run('digest', 'show', id);
  expect(all.stdout).toMatch(/reader00@example\.com +rejected .* 550 5\.1\.1 Nobody here\n/);
  expect(all.stdout.match(/ accepted /g)).toHaveLength(11);
  expect(all.stdout).toMatch(
    new RegExp(`\nAll 11 who are accepted: paperround digest show ${id} --state accepted\n$`),
  );
  const seen: string[] = [];
  type Page = { deliveries: { email: string }[]; nextCursor: string | null };
  for (let cursor: string | null = ''; cursor !== null;) {
    const words: string[] = cursor === '' ? [] : ['--cursor', cursor];
    const page: Page = await json<Page>(
      'digest',
      'show',
      id,
      '--state',
      'accepted',
      '--limit',
      '4',
      ...words,
    );
    seen.push(...page.deliveries.map(({ email }) => email));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(names.slice(1).toReversed());
  const [alone, state] = await Promise.all([
    run('digest', 'show', id, '--limit', '4'),
    run('digest', 'show', id, '--state', 'lost'),
  ]);
  expect([alone.code, state.code]).toEqual([2, 2]);
});

test('retrying a digest and letting a server have mail again say when the next attempt is, in every state', async () => {
  const { run, json, db } = terminal;
  await addReader(db, 'lantern', 'ana@example.com');
  await publish('The tide is in');
  const { id } = await json<Sent>('digest', 'send', '--yes');
  await planOperatorDigest({ db, now, log, templates }, id);
  const retry = async () => {
    await setStates(id, ['deferred']);
    return (await run('digest', 'retry', id)).stdout;
  };
  expect(await retry()).toMatch(/\nNo worker has run yet: nothing is sent until one does\./);
  await db.run(sql`insert into schedules (name, next_at) values ('sweep', ${now()})`);
  expect(await retry()).toMatch(/^Trying 1 mail again: .*\nThe next attempt is made within seconds\.\n$/);

  await db.run(sql`insert into transports (name, first_used_at) values ('127.0.0.1:1', ${now()})`);
  const open = (closesAt: string | null) =>
    db.run(sql`
      insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at, closes_at)
      select id, '', 'refused', '554 Blocked', 10, 10, ${now()}, ${closesAt} from transports
    `);
  await open('2999-01-01T12:00:00Z');
  expect(await retry()).toMatch(
    /\nThe next attempt is made at 2999-01-01T12:00:00\.000Z\.\nThe mail server /,
  );
  const resume = () => run('transport', 'resume', '127.0.0.1:1');
  expect((await resume()).stdout).toMatch(
    /again; 1 mail waits to be sent\.\n.*\nThe next attempt is made within seconds\./,
  );
  await open(null);
  expect(await retry()).toMatch(/^Trying 1 mail again: .*\nThe mail server .*\n.*waits and is not lost/);
  expect((await resume()).code).toBe(0);
  await run('digest', 'pause', id);
  expect(await retry()).toContain(
    `It is paused: the next attempt is made when it goes on, with: paperround digest resume ${id}`,
  );
});

test('uncertain mails are resolved by what the mail server’s log proves, and the rest is reported', async () => {
  const { run, json, db } = terminal;
  for (const name of ['ana', 'ben', 'cleo', 'dora']) await addReader(db, 'lantern', `${name}@example.com`);
  await publish('The tide is in');
  const { id } = await json<Sent>('digest', 'send', '--yes');
  await planOperatorDigest({ db, now, log, templates }, id);
  const sentAt = new Date(Date.now() - HOUR_MS);
  await setStates(id, ['accepted', 'uncertain', 'uncertain', 'uncertain'], sentAt);
  await db.run(sql`update digests set created_at = ${sentAt}`);
  await db.run(sql`update deliveries set provider_message_id = '1A2B' where state = 'accepted'`);
  const [taken, found, lost, seen] = await messageIds(id);
  const file = join(terminal.environment['DATA_DIR'] ?? '', 'mail.log');
  const write = (messages: LoggedMessage[], until: Date) =>
    writeFile(file, postfixLog(messages, { at: sentAt, from: new Date(sentAt.getTime() - HOUR_MS), until }));
  const byLog = () => run('digest', 'resolve', id, '--mail-log', file);

  const missing = await byLog();
  expect([missing.code, missing.stderr]).toEqual([
    1,
    `The mail log ${file} cannot be read: it is not there. Nothing was decided.\n`,
  ]);
  const messages = [taken, found, seen].map((messageId) => ({ messageId, isActive: messageId !== seen }));
  await write(messages, sentAt);
  const early = await byLog();
  expect([early.code, early.stdout.split('\n')]).toEqual([
    0,
    [
      '1 mail is found in the log and counted as accepted.',
      '1 mail is still unclear: the server had begun to take it, and its log does not show yet whether it finished.',
      expect.stringMatching(
        /^1 mail is still unclear: the log has no line from after it became unclear\. It goes from /,
      ),
      '',
    ],
  ]);
  expect(await statesOf(id)).toEqual(['accepted', 'accepted', 'uncertain', 'uncertain']);
  await write(messages, new Date());
  expect(await json('digest', 'resolve', id, '--mail-log', file)).toMatchObject({
    ...{ id, state: 'sending', changed: true },
    ...{ accepted: 0, queued: 1, skipped: 0, doubts: { begun: 1 }, busy: 0 },
  });
  expect(await statesOf(id)).toEqual(['accepted', 'accepted', 'queued', 'uncertain']);
  await write([...messages, { messageId: seen }, { messageId: lost }], new Date());
  expect((await byLog()).stdout).toBe('1 mail is found in the log and counted as accepted.\n');
  expect(await statesOf(id)).toEqual(['accepted', 'accepted', 'queued', 'accepted']);
  const none = await byLog();
  expect([none.code, none.stderr]).toEqual([1, 'No mail of it is uncertain. Nothing was changed.\n']);
});

test('uncertain mails are resolved by --as or by --mail-log: neither, both, and a log for one reader are misuse', async () => {
  const { run } = terminal;
  const id = '00000000-0000-7000-8000-000000000000';
  const [neither, both, one] = await Promise.all([
    run('digest', 'resolve', id),
    run('digest', 'resolve', id, '--as', 'accepted', '--mail-log', 'mail.log'),
    run('digest', 'resolve', id, '--mail-log', 'mail.log', '--subscription', id),
  ]);
  for (const { code, stdout, stderr } of [neither, both])
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('(--mail-log FILE, or journal)')]);
  expect([one.code, one.stderr]).toEqual([2, expect.stringContaining('--subscription goes with --as')]);
});

test('a digest is named by as much of its id as makes it unique', async () => {
  const { run, json, db } = terminal;
  await addReader(db, 'lantern', 'ana@example.com');
  await publish('The tide is in');
  const { id } = await json<Sent>('digest', 'send', '--yes');
  const next = id.slice(0, 13);
  await db.run(sql`
    insert into digests (id, publication_id, cadence, period, state, expires_at, key_id, created_at)
    select ${`${next}-7abc-8000-000000000000`}, publication_id, 'daily', '2026-11-22', 'held', expires_at, 'k', created_at
      from digests
  `);
  const [short, several, none, noId] = await Promise.all([
    run('digest', 'show', id.slice(0, 24)),
    run('digest', 'pause', next),
    run('digest', 'pause', 'ffffffff'),
    run('digest', 'pause', 'fff'),
  ]);
  expect(short.code).toBe(0);
  expect([several.code, several.stderr]).toEqual([
    2,
    `Several digests have an id that begins with ${next}. Say more of it. Nothing was changed.\n`,
  ]);
  expect([none.code, none.stderr]).toEqual([1, 'There is no such digest.\n']);
  expect([noId.code, noId.stderr]).toEqual([2, expect.stringContaining('not the id of a digest: fff\n')]);
});

/** As if a worker had sent so much. */
async function setStates(digestId: string, states: string[], at = now()): Promise<void> {
  const { db } = terminal;
  const rows = await db.many<{ id: string }>(
    sql`select subscription_id as id from deliveries where digest_id = ${digestId} order by 1`,
  );
  for (const [place, { id }] of rows.entries())
    await db.run(sql`
      update deliveries set state = ${states[place]}, updated_at = ${at}
       where digest_id = ${digestId} and subscription_id = ${id}
    `);
  await recountDeliveries(db);
}

/** In the order in which `setStates` sets them. */
async function statesOf(digestId: string): Promise<string[]> {
  const rows = await terminal.db.many<{ state: string }>(
    sql`select state from deliveries where digest_id = ${digestId} order by subscription_id`,
  );
  return rows.map(({ state }) => state);
}

/** Of every delivery, in the same order, as its mail is called on the way. */
async function messageIds(digestId: string): Promise<[string, string, string, string]> {
  const { db, environment } = terminal;
  const links = createLinks(loadKeys(readConfig(environment)));
  const rows = await db.many<{ subject: string; keyId: string }>(sql`
    select d.subscription_id as subject, g.key_id from deliveries d join digests g on g.id = d.digest_id
     where d.digest_id = ${digestId} order by 1
  `);
  return rows.map(({ subject, keyId }) =>
    messageId(links, publication, { scope: digestId, subject }, keyId),
  ) as [string, string, string, string];
}

/** Adds articles, whose ids it answers, and runs the jobs that follow. */
async function publish(...titles: string[]): Promise<string[]> {
  const { db } = terminal;
  const ids: string[] = [];
  for (const title of titles) {
    const pushed = await pushArticle({ db, ...bySystem(now()) }, publication, {
      title,
      summary: 'A summary.',
    });
    if (pushed.kind === 'added') ids.push(pushed.id);
  }
  await releaseDueArticles({ db, now, log }, publication.id);
  return ids;
}
