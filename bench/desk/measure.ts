import { createEntryLink } from '../../src/operators/entry-link.js';
import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { findFreePort } from '../../src/platform/process/free-port.js';
import type { Publication } from '../../src/publications/publication.js';
import type { Bench } from '../bench.js';
import type { Metric } from '../support/metrics.js';
import { startWeb, waitForWeb } from '../support/processes.js';
import { startCountingSink, startSmtpSink, hasSmtpSink, type Sink } from '../support/sink/sinks.js';
import { secretKey, withDatabase } from '../support/servers.js';
import { measureMemory } from './memory.js';
import type { DeskPage, Look } from './page.js';
import { DESK_SIZE, seedDesk, sizeFor } from './seed-desk.js';
import { isBeingSent, sendMeanwhile } from './send-meanwhile.js';

const DATABASE = 'desk';
const LOOKS = 20;
/** Milliseconds: nineteen of twenty looks are no slower. */
const MOST_MS = 300;

/**
 * How long each page of the operators' desk takes in a newsletter of years, searches of readers among them, while a digest to
 * all its readers is sent; and whether the web process keeps memory of the pages it has shown.
 */
export async function measureDesk(bench: Bench): Promise<Metric[]> {
  const { servers, options, log } = bench;
  const size = sizeFor(options.readers ?? DESK_SIZE.readers);
  const publication = await seedDesk(servers, DATABASE, size, log);
  const port = await findFreePort();
  const smtp = await startSink(servers.folder);
  const settings = {
    ...{ database: DATABASE, smtpUrl: smtp.url, secretKey, dataDir: 'desk' },
    environment: { PORT: String(port) },
  };
  const web = startWeb(servers, settings);
  try {
    await waitForWeb(port);
    return await withDatabase(servers, DATABASE, async (db) => {
      const cookie = await signIn(db, port);
      const sending = await sendMeanwhile(servers, settings, db, port);
      const look: Look = (path) =>
        fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie, accept: 'text/html' } });
      try {
        const pages = await listPages(db, publication, sending.digestId);
        const metrics: Metric[] = [];
        for (const page of pages) metrics.push(await measurePage(bench, page, look, size.readers));
        const meanwhile = await isBeingSent(db, sending.digestId);
        metrics.push(await measureMemory(bench, web.pid, look, pages));
        return meanwhile
          ? metrics
          : metrics.map((one) => ({ ...one, invalid: 'the digest was sent before the last look' }));
      } finally {
        await sending.stop();
      }
    });
  } finally {
    await web.stop();
    await smtp.stop();
  }
}

function startSink(folder: string): Promise<Sink> {
  return hasSmtpSink() ? startSmtpSink(folder) : startCountingSink(folder);
}

async function listPages(db: Db, { id, slug }: Publication, sending: string): Promise<DeskPage[]> {
  const desk = `/operator/publications/${slug}`;
  const readers = await db.many<{ id: string }>(sql`
    select s.id
      from subscriptions s
      join deliveries d on d.subscription_id = s.id
     where d.digest_id = (select id from digests where publication_id = ${id} and state = 'closed' order by id desc limit 1)
     limit ${LOOKS}
  `);
  const [digest] = await db.many<{ id: string }>(
    sql`select id from digests where state = 'closed' order by id desc limit 1`,
  );
  const readerAt = (look: number) => `${desk}/readers/${readers[look % readers.length]?.id ?? ''}`;
  const always = (what: string, path: string): DeskPage => ({ what, path: () => desk + path });
  const search = (what: string, queryAt: (look: number) => string): DeskPage => ({
    what: `readers: ${what}`,
    path: (look) => `${desk}/readers?${queryAt(look)}`,
  });
  return [
    always('home', ''),
    always('digests', '/digests'),
    always('a digest', `/digests/${digest?.id ?? ''}`),
    always('a digest that is being sent', `/digests/${sending}`),
    always('people behind a number', `/digests/${digest?.id ?? ''}/deliveries?state=rejected`),
    always('settings', '/settings'),
    always('readers', '/readers'),
    always('waiting', '/readers/waiting'),
    always('held sign-ups', '/readers/held'),
    always('do not mail', '/readers/do-not-mail'),
    search('one address', (look) => `q=post-reader-${look * 7919 + 1}%40`),
    search('part of many addresses', () => 'q=big.example'),
    search('part of few addresses', (look) => `q=${look * 31}%40mail-7`),
    search('two letters', () => 'q=po'),
    search('nobody', (look) => `q=nobody-${look}`),
    search('state', () => 'state=paused'),
    search('rhythm and topic', (look) => `rhythm=monthly&topic=topic-${1 + (look % 24)}`),
    search('form and language', (look) => `form=https%3A%2F%2Fbench.example%2Fpage-${look % 10}&language=sw`),
    search('bounced', () => 'bounced=yes'),
    search('joined between', (look) => `from=2024-0${1 + (look % 9)}-01&to=2026-0${1 + (look % 9)}-01`),
    search('last mailed a year ago', () => 'mailed=12'),
    search('all at once', () => 'q=mail&state=reading&rhythm=weekly&topic=topic-3&language=ar&mailed=3'),
    { what: 'a reader', path: readerAt },
    { what: 'a reader: why', path: (look) => `${readerAt(look)}?why=${digest?.id ?? ''}` },
    { what: 'a reader: bounces', path: (look) => `${readerAt(look)}?show=bounces` },
  ];
}

async function measurePage(
  { log }: Bench,
  { what, path }: DeskPage,
  open: Look,
  readers: number,
): Promise<Metric> {
  const times: number[] = [];
  for (let look = -1; look < LOOKS; look += 1) {
    const begun = performance.now();
    const answer = await open(path(Math.max(look, 0)));
    await answer.text();
    if (answer.status !== 200) throw new Error(`${what}: the page answered ${answer.status}.`);
    // The first look fills caches.
    if (look >= 0) times.push(performance.now() - begun);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const value = sorted[Math.ceil(LOOKS * 0.95) - 1] ?? Number.NaN;
  log(`desk: ${what}: ${Math.round(value)} ms`);
  const note = `slowest of nineteen in twenty, ${readers} readers`;
  return { bench: 'desk', what, value, unit: 'ms', target: { max: MOST_MS }, note };
}

async function signIn(db: Db, port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  const link = await createEntryLink({ db, now: () => new Date(), publicUrl: url });
  const answer = await fetch(link, { method: 'POST', redirect: 'manual' });
  const cookie = answer.headers
    .getSetCookie()
    .map((one) => one.split(';')[0] ?? '')
    .join('; ');
  if (answer.status !== 303 || cookie === '') throw new Error(`Signing in was answered ${answer.status}.`);
  return cookie;
}
