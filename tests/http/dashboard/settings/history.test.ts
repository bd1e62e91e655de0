import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { recordActivity, type Change } from '../../../../src/operators/activity/record-activity.js';
import { activityKinds, kindOf } from '../../../../src/operators/activity/kinds.js';
import { createToken } from '../../../../src/operators/api-token.js';
import type { Actor } from '../../../../src/platform/actor.js';
import { actingAs } from '../../../../src/platform/actor.js';
import { updatePublication } from '../../../../src/publications/change-publication.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { exampleActivities } from '../../../operators/activity/examples.js';
import { addOperator, enterDashboard, mainText } from '../../../support/operator-session.js';
import { resetTestApp } from '../../../support/fixtures.js';
import { open } from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

let testApp: TestApp;
let lantern: Publication;
let viewer: string;
let administrator: string;
let administratorId: string;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  lantern = await testApp.createPublication();
  viewer = await enterDashboard(testApp, (await addOperator(testApp, 'vi@tide.example', 'viewer')).id);
  const boss = await addOperator(testApp, 'boss@tide.example');
  administratorId = boss.id;
  administrator = await enterDashboard(testApp, boss.id);
});
afterAll(() => testApp.close());

async function look(cookie: string, query = '', slug = 'lantern'): Promise<{ status: number; html: string }> {
  const answer = await open(`${testApp.url}/operator/publications/${slug}/settings/history${query}`, {
    cookie,
  });
  return { status: answer.status, html: await answer.text() };
}
const words = async (cookie: string, query = '', slug = 'lantern') =>
  mainText((await look(cookie, query, slug)).html);

async function record(actor: Actor, change: Change): Promise<void> {
  const { db, now } = testApp.context;
  await db.transaction((tx) => recordActivity(tx, { actor, now }, change));
}

test('a viewer reads who changed what, in the words of the pages, with what it was and is', async () => {
  const boss = actingAs(testApp.context, { kind: 'operator', id: administratorId });
  await updatePublication(boss, lantern.id, {
    weekday: 3,
    siteUrl: 'https://tide.example/new',
    replyTo: 'secret.desk@tide.example',
    topics: [],
    approval: true,
  });
  const text = await words(viewer);
  expect(text).toMatch(/boss changed settings of the newsletter “The Lantern”: .*address of your site/);
  expect(text).toMatch(/Address of your site https:\/\/\S+ became https:\/\/tide\.example\/new/);
  expect(text).toMatch(/Monday became Wednesday/);
  expect(text).toMatch(/nothing became an address at tide\.example/);
  expect(text).toContain('22 November 2026');
  expect(text).not.toMatch(/@/);
});

test('every kind of change has a sentence and no address, whoever made it', async () => {
  const token = await createToken(testApp.context, {
    ...{ name: 'sync@tide.example', scopes: ['read'], publicationId: lantern.id },
  });
  const actors: Actor[] = [
    { kind: 'operator', id: administratorId },
    { kind: 'token', id: token.id },
    { kind: 'operator', id: randomUUID() },
    { kind: 'system' },
  ];
  const examples = new Map(
    exampleActivities.map((each) => [JSON.stringify([each.kind, each.before, each.after]), each]),
  );
  const { db, now } = testApp.context;
  await db.transaction(async (tx) => {
    for (const [at, { kind, before, after }] of [...examples.values()].entries()) {
      const subjectId = kindOf(kind).subject === 'operator' ? administratorId : token.id;
      const change = { kind, publicationId: lantern.id, subjectId, before, after } as Change;
      await recordActivity(tx, { actor: actors[at % actors.length] ?? { kind: 'system' }, now }, change);
    }
  });
  const seen: string[] = [];
  for (const noun of new Set(activityKinds.map((kind) => kind.split('.')[0] ?? ''))) {
    const { status, html } = await look(viewer, `?what=${noun}`);
    expect([noun, status]).toEqual([noun, 200]);
    expect([noun, mainText(html)]).not.toEqual([
      noun,
      expect.stringMatching(/@|\{\{|activity\.|undefined|\[object/),
    ]);
    seen.push(...(html.match(/<p class="quiet">\d/g) ?? []));
  }
  expect(seen.length).toBeGreaterThanOrEqual(examples.size);
});

test('filters stand in the address, pages follow each other without a gap, and what means nothing is left out', async () => {
  const operator: Actor = { kind: 'operator', id: administratorId };
  const { db, now } = testApp.context;
  await db.transaction(async (tx) => {
    for (let number = 1; number <= 60; number++) {
      const at = { publicationId: lantern.id, subjectId: randomUUID() };
      const actor = number % 2 === 0 ? operator : ({ kind: 'system' } as const);
      await recordActivity(tx, { actor, now }, { kind: 'article.released', ...at, after: { number } });
      await recordActivity(tx, { actor: operator, now }, { kind: 'digest.approved', ...at });
    }
  });
  const numbers = async (query: string) => {
    const { html } = await look(viewer, query);
    const next = /href="[^"]*\/settings\/history(\?[^"]*before=[^"]*)"/
      .exec(html)?.[1]
      ?.replaceAll('&amp;', '&');
    return { shown: [...html.matchAll(/as number (\d+)\./g)].map(([, number]) => Number(number)), next };
  };
  const first = await numbers('?what=articles');
  expect(first.next).toMatch(/^\?what=articles&before=/);
  const second = await numbers(first.next ?? '');
  expect([...first.shown, ...second.shown]).toEqual(Array.from({ length: 60 }, (_, at) => 60 - at));
  expect(second.next).toBeUndefined();
  const even = await numbers(`?what=article.released&who=${administratorId}`);
  expect(even.shown).toEqual(Array.from({ length: 30 }, (_, at) => 60 - 2 * at));
  expect((await numbers('?what=articles&who=system')).shown).toHaveLength(30);
  const html = (await look(viewer, `?what=articles&who=${administratorId}`)).html;
  expect(html).toMatch(/value="articles" selected/);
  expect(html).toMatch(new RegExp(`value="${administratorId}" selected>boss<`));
  expect(await words(viewer, '?what=digest.cancelled')).toContain('Nothing like that was changed');
  for (const query of ['?what=nonsense', '?who=%00', '?before=x', '?what[]=1&of=all'])
    expect([query, (await look(viewer, query)).status]).toEqual([query, 200]);
});

test('what is about another newsletter or the whole server is not there; the server’s is for administrators', async () => {
  const tides = await testApp.createPublication({ slug: 'tides', name: 'Tides' });
  await record(
    { kind: 'command-line' },
    { kind: 'publication.archived', publicationId: tides.id, subjectId: tides.id },
  );
  await record(
    { kind: 'command-line' },
    { kind: 'restore.decided', publicationId: null, subjectId: null, after: { decision: 'send' } },
  );
  const own = await words(viewer);
  expect(own).not.toMatch(/Tides|since a restore|whole server/);
  expect((await look(viewer, '', 'tides')).status).toBe(404);
  expect((await look(viewer, '?of=server')).status).toBe(404);
  const all = await words(administrator, '?of=server');
  expect(all).toContain('decided that mail held since a restore goes out');
  expect(all).not.toContain('archived the newsletter');
  expect(await words(administrator, '?of=server&what=mail')).toContain('since a restore');
});
