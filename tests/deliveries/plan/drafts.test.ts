import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { planDue, planInstant } from '../../../src/deliveries/plan/plan-digests.js';
import type { ArticlePlace } from '../../../src/digests/article-choices.js';
import { approveDigest, cancelDigest } from '../../../src/digests/change-state.js';
import { approveDraft, takeDraftBack } from '../../../src/digests/drafts/control-draft.js';
import type { Draft, DraftChange } from '../../../src/digests/drafts/draft.js';
import { findDraft } from '../../../src/digests/drafts/reads.js';
import { writeDraft, type DraftTarget } from '../../../src/digests/drafts/write-draft.js';
import { listDigests } from '../../../src/digests/reads.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';
import { sql } from '../../../src/platform/db/sql.js';
import { updatePublication } from '../../../src/publications/change-publication.js';
import type { Publication } from '../../../src/publications/publication.js';
import { describePlan } from '../../support/deliveries.js';
import { addArticles, addReader, addReaders, readerAddresses, reloadReader } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;

/** Sunday, 06:00 in Nairobi: an hour before the readers' hour. */
beforeEach(async () => {
  testApp = await openTestApp({ now: new Date('2026-11-22T03:00:00Z') });
  publication = await testApp.createPublication({ defaultCadence: 'daily' });
});
afterEach(() => testApp.close());

const daily = (email: string, settings = {}) =>
  addReader(testApp, publication, email, { cadence: 'daily', watermark: 0, ...settings });
const NEXT_DAILY: DraftTarget = { cadence: 'daily', period: null, closesAt: null };

async function write(change: DraftChange, target = NEXT_DAILY): Promise<Draft> {
  return (await writeDraft(testApp.context, publication.id, target, change)).draft;
}
const approve = ({ id, version }: Draft) => approveDraft(testApp.context, id, version);
const reload = async ({ id }: Draft) => findDraft(testApp.context.db, id);

async function choose(places: Record<string, ArticlePlace>): Promise<DraftChange> {
  const rows = await testApp.context.db.many<{ id: string; title: string }>(
    sql`select id, title from articles`,
  );
  const byTitle = new Map(rows.map(({ id, title }) => [title, id]));
  return {
    articleChoices: Object.entries(places).map(([title, as]) => ({ id: byTitle.get(title) ?? '', as })),
  };
}

const hourComes = async (milliseconds = HOUR_MS) => {
  testApp.advanceClock(milliseconds);
  await planDue(testApp.context);
};
const plan = async () => (await describePlan(testApp)).map((line) => line.replace('@example.com', ''));
const digests = () => listDigests(testApp.context.db, publication.id, 10);

describe('words for the next digest of a rhythm', () => {
  test('arrive above and below its articles, with the subject and the line beside it', async () => {
    await daily('ada@example.com');
    await addArticles(testApp, publication, 'Harbour', 'Storm');
    const draft = await write({
      subject: 'Wind and water',
      preheader: 'Two stories for a wet day',
      note: 'Dear **readers**,',
      outro: 'Until [tomorrow](https://lantern.example/)',
    });
    expect(await approve(draft)).toMatchObject({ kind: 'approved', digestId: null });
    await hourComes();
    await testApp.runDueJobs();
    const [mail, ...others] = testApp.smtp.messages;
    expect(others).toEqual([]);
    const source = mail?.raw.toString() ?? '';
    expect(source).toContain('Subject: Wind and water');
    for (const words of ['Two stories for a wet day', 'Dear <strong>readers</strong>', 'Until <a'])
      expect(source.replaceAll(/=\r?\n/g, '').replaceAll(/\s+/g, ' ')).toContain(words);
    const [digest] = await digests();
    expect(await reload(draft)).toMatchObject({ state: 'used', digestId: digest?.id });
    await addArticles(testApp, publication, 'Next');
    await hourComes(DAY_MS);
    expect((await digests())[0]).toMatchObject({ note: null, subject: null, outro: null, preheader: null });
  });

  test('wait for the next digest that has something new', async () => {
    const draft = await write({ note: 'Hello' });
    await daily('ada@example.com');
    await approve(draft);
    await hourComes();
    expect([await digests(), (await reload(draft))?.state]).toEqual([[], 'approved']);
    await addArticles(testApp, publication, 'Harbour');
    await hourComes(DAY_MS);
    expect(await digests()).toMatchObject([{ period: '2026-11-23', note: 'Hello' }]);
  });

  test('that name a date go into that digest and no other', async () => {
    await daily('ada@example.com');
    const closesAt = new Date('2026-11-24T12:00:00Z');
    await approve(await write({ note: 'For Monday' }, { cadence: 'daily', period: '2026-11-23', closesAt }));
    await addArticles(testApp, publication, 'Harbour');
    await hourComes();
    await addArticles(testApp, publication, 'Storm');
    await hourComes(DAY_MS);
    expect((await digests()).map(({ period, note }) => [period, note])).toEqual([
      ['2026-11-23', 'For Monday'],
      ['2026-11-22', null],
    ]);
  });

  test('are in one digest of several that begin together, for readers in all time zones', async () => {
    await daily('kiri@example.com', { timezone: 'Pacific/Kiritimati', hour: 18 });
    await daily('nai@example.com');
    await addArticles(testApp, publication, 'Harbour');
    await approve(await write({ note: 'Once' }));
    await hourComes();
    expect((await digests()).map(({ note }) => note).toSorted()).toEqual(['Once']);
    await daily('late@example.com', { timezone: 'America/Los_Angeles', hour: 7 });
    await hourComes(12 * HOUR_MS);
    expect(await digests()).toMatchObject([{ note: 'Once', period: '2026-11-22' }]);
    expect(await plan()).toHaveLength(3);
  });

  test('that nobody approved are left out, and wait for the next digest; the draft says which went without', async () => {
    await daily('ada@example.com');
    await addArticles(testApp, publication, 'Harbour');
    const draft = await write({ note: 'Not yet' });
    await hourComes();
    const [digest] = await digests();
    expect(digest).toMatchObject({ state: 'sending', note: null });
    expect(await reload(draft)).toMatchObject({ state: 'draft', missedDigestId: digest?.id });
  });

  test('that nobody approved hold the digest where the newsletter says so, and their approval lets it go', async () => {
    await updatePublication(testApp.context, publication.id, { unapprovedWords: 'wait' });
    await daily('ada@example.com');
    await addArticles(testApp, publication, 'Harbour');
    const draft = await write({ note: 'Now' });
    await hourComes();
    expect(await digests()).toMatchObject([{ state: 'held', holdReasons: ['draft'] }]);
    expect(await plan()).toEqual([]);
    const [held] = await digests();
    expect(await approve(draft)).toMatchObject({ kind: 'approved', digestId: held?.id });
    await planDue(testApp.context);
    expect(await digests()).toMatchObject([{ state: 'sending', note: 'Now' }]);
    expect(await plan()).toEqual(['ada daily 2026-11-22: Harbour']);
  });

  test('that are empty hold nothing', async () => {
    await updatePublication(testApp.context, publication.id, { unapprovedWords: 'wait' });
    await daily('ada@example.com');
    await addArticles(testApp, publication, 'Harbour');
    const draft = await write({});
    expect(await approve(draft)).toMatchObject({ kind: 'empty' });
    await hourComes();
    expect(await digests()).toMatchObject([{ state: 'sending' }]);
  });

  test('join a digest that waits for approval, which goes on waiting, and can be taken back until it goes', async () => {
    await updatePublication(testApp.context, publication.id, { approval: true });
    await daily('ada@example.com');
    await addArticles(testApp, publication, 'Harbour');
    await hourComes();
    const draft = await write({ note: 'Late words' });
    await approve(draft);
    const [held] = await digests();
    expect(held).toMatchObject({ state: 'held', holdReasons: ['approval'], note: 'Late words' });
    expect(await takeDraftBack(testApp.context, draft.id, draft.version)).toMatchObject({
      kind: 'taken-back',
    });
    expect(await digests()).toMatchObject([{ state: 'held', note: null }]);
    await approve(draft);
    await approveDigest(testApp.context, held?.id ?? '');
    await planDue(testApp.context);
    expect(await digests()).toMatchObject([{ state: 'sending', note: 'Late words' }]);
    expect(await takeDraftBack(testApp.context, draft.id, draft.version)).toMatchObject({ kind: 'begun' });
  });

  test('of a digest whose period passed while it waited come with the one that takes its place', async () => {
    await updatePublication(testApp.context, publication.id, { approval: true });
    await daily('ada@example.com');
    await addArticles(testApp, publication, 'Harbour');
    await hourComes();
    const draft = await write({ note: 'Late words' });
    await approve(draft);
    const [held] = await digests();
    await approveDigest(testApp.context, held?.id ?? '');
    await hourComes(DAY_MS);
    expect(await digests()).toMatchObject([
      { period: '2026-11-23', state: 'sending', note: 'Late words' },
      { period: '2026-11-22', state: 'closed' },
    ]);
    expect((await reload(draft))?.digestId).toBe((await digests())[0]?.id);
  });

  test('come with the mail of the next article for who gets each', async () => {
    await daily('ada@example.com', { cadence: 'instant' });
    await approve(await write({ note: 'Fresh' }, { cadence: 'instant', period: null, closesAt: null }));
    await addArticles(testApp, publication, 'Harbour', 'Storm');
    await planInstant(testApp.context, publication.id);
    expect((await digests()).map(({ period, note }) => [period, note])).toEqual([
      ['2', null],
      ['1', 'Fresh'],
    ]);
  });
});

describe('a choice of articles', () => {
  test('puts some first and others in order; what nobody placed follows', async () => {
    await daily('ada@example.com');
    await addArticles(testApp, publication, 'One', 'Two', 'Three', 'Four');
    await approve(await write(await choose({ Three: 'placed', One: 'placed', Four: 'first' })));
    await hourComes();
    expect(await plan()).toEqual(['ada daily 2026-11-22: Four, Three, One, Two']);
  });

  test('leaves one out that stays due, and is in the next digest beside what is new; nothing comes twice', async () => {
    const ada = await daily('ada@example.com');
    await addArticles(testApp, publication, 'One', 'Two', 'Three');
    await approve(await write(await choose({ One: 'later' })));
    await hourComes();
    expect(await plan()).toEqual(['ada daily 2026-11-22: Two, Three']);
    expect((await reloadReader(testApp, ada)).watermark).toBe(0);
    await hourComes(DAY_MS);
    expect((await plan()).slice(1)).toEqual(['ada daily 2026-11-23: One']);
    expect((await reloadReader(testApp, ada)).watermark).toBe(3);
    await addArticles(testApp, publication, 'Four');
    await hourComes(DAY_MS);
    expect((await plan()).slice(2)).toEqual(['ada daily 2026-11-24: Four']);
  });

  test('leaves one out for good beside one that stays due', async () => {
    await daily('ada@example.com');
    await daily('week@example.com', { cadence: 'weekly', weekday: 1 });
    await addArticles(testApp, publication, 'One', 'Two', 'Three');
    await approve(await write(await choose({ One: 'later', Two: 'never' })));
    await hourComes();
    await hourComes(DAY_MS);
    expect(await plan()).toEqual([
      'ada daily 2026-11-22: Three',
      'ada daily 2026-11-23: One',
      'week weekly 2026-W48: One, Two, Three',
    ]);
  });

  test('that leaves a reader nothing mails her nothing, and keeps what stays due', async () => {
    await daily('ada@example.com');
    await addArticles(testApp, publication, 'One', 'Two');
    await approve(await write(await choose({ One: 'later', Two: 'never' })));
    await hourComes();
    expect([await plan(), await digests()]).toEqual([[], []]);
  });

  test('does not hide an article for good when its digest is cancelled before anybody is mailed', async () => {
    await updatePublication(testApp.context, publication.id, { approval: true });
    await daily('ada@example.com');
    await addArticles(testApp, publication, 'One', 'Two');
    await approve(await write(await choose({ One: 'never' })));
    await hourComes();
    await cancelDigest(testApp.context, (await digests())[0]?.id ?? '');
    await planDue(testApp.context);
    await updatePublication(testApp.context, publication.id, { approval: false });
    await hourComes(DAY_MS);
    expect(await plan()).toEqual(['ada daily 2026-11-23: One, Two']);
  });

  test('is the same for the readers of every chunk', async () => {
    await addReaders(testApp, publication, readerAddresses(2100), { cadence: 'daily', watermark: 0 });
    await addArticles(testApp, publication, 'One', 'Two');
    await approve(await write(await choose({ One: 'never' })));
    await hourComes();
    expect(new Set((await plan()).map((line) => line.split(': ')[1]))).toEqual(new Set(['Two']));
    expect(await plan()).toHaveLength(2100);
  });
});
