import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  LEASE_MS,
  OTHER_MACHINE_GRACE_MS,
  RENEW_INTERVAL_MS,
} from '../../src/deliveries/batches/lease-renewal.js';
import { CHUNK_SIZE } from '../../src/deliveries/chunks.js';
import { MAX_RESENDS, UNCERTAIN_WAIT_MS } from '../../src/deliveries/delivery.js';
import { NOTICE_TRANSITIONS } from '../../src/deliveries/notices/transitions.js';
import { DELIVERY_TRANSITIONS } from '../../src/deliveries/transitions.js';
import { DIGEST_LIFETIME_MS } from '../../src/digests/digest.js';
import { ARTICLE_TRANSITIONS } from '../../src/articles/transitions.js';
import { DRAFT_TRANSITIONS } from '../../src/digests/drafts/draft.js';
import { DIGEST_TRANSITIONS } from '../../src/digests/transition.js';
import { settingNames } from '../../src/platform/config.js';
import { sql } from '../../src/platform/db/sql.js';
import { statesIn, type Transition } from '../../src/platform/db/transitions.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../src/platform/durations.js';
import { MAX_BACKOFF_MS } from '../../src/platform/jobs/outbox-job.js';
import { REPUBLISH_AFTER_MS } from '../../src/platform/jobs/publish-outbox.js';
import { repeatIntervalMs } from '../../src/platform/jobs/schedules.js';
import { settingsSchema } from '../../src/publications/publication.js';
import { SUBSCRIPTION_TRANSITIONS } from '../../src/subscribers/transitions.js';
import { MAX_PROBES } from '../../src/transports/circuits/half-open-probes.js';
import { commandMistake, createCommandTree } from '../support/documented-commands.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const root = join(import.meta.dirname, '../..');
const inside = 'src/README.md';

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const pagesIn = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
const decisions = pagesIn('docs/decisions');
/** For people who run it or publish with it, and for those who change it. */
const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', inside, ...pagesIn('docs'), ...decisions];

/** Every file and folder of the checkout that is not generated, from the top folder. */
const tree = listTree('.');

function listTree(folder: string): string[] {
  const skipped = ['node_modules', 'dist', '.git', '.data', 'coverage', 'screens'];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => folder !== '.' || !skipped.includes(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? [path, ...listTree(path)] : [path];
    });
}

/** Without blocks of code: what is prose. */
const prose = (text: string) => text.replace(/^```.*?^```$/gms, '');
const codeSpans = (text: string) => [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
const codeBlocks = (text: string) =>
  [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', body = '']) => ({ language, body }));

const countWords = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;
const countLines = (text: string) => text.trimEnd().split('\n').length;

test('pages that are to be read in one go stay short', () => {
  expect(countWords(read(inside))).toBeLessThanOrEqual(1500);
  expect(countLines(read('README.md'))).toBeLessThanOrEqual(250);
  const long = decisions.flatMap((file) =>
    read(file)
      .split(/^(?=## )/m)
      .slice(1)
      .filter((decision) => countLines(decision) > 15)
      .map((decision) => `${file}: ${decision.split('\n')[0]}`),
  );
  expect(long).toEqual([]);
});

test('a decision says its context, the choice, and what was ruled out', () => {
  const parts = ['**Context.**', '**Choice.**', '**Ruled out.**'];
  const unlike = decisions.flatMap((file) =>
    read(file)
      .split(/^(?=## )/m)
      .slice(1)
      .filter((decision) => !parts.every((part) => decision.includes(part)))
      .map((decision) => `${file}: ${decision.split('\n')[0]}`),
  );
  expect(unlike).toEqual([]);
});

/** Every number that the developers' page states, in its sentence. */
const numbers: string[] = [
  `batches of up to ${CHUNK_SIZE} readers`,
  `takes the lease (\`batches/lease.ts\`): ${LEASE_MS / SECOND_MS} s, renewed every ${RENEW_INTERVAL_MS / SECOND_MS} s`,
  `after ${OTHER_MACHINE_GRACE_MS / SECOND_MS} s without its journal`,
  `after ${UNCERTAIN_WAIT_MS / MINUTE_MS} min sent again (${MAX_RESENDS} times at most)`,
  `published again after ${REPUBLISH_AFTER_MS / SECOND_MS} s`,
  `the sweep runs every ${(repeatIntervalMs('sweep') ?? 0) / SECOND_MS} s`,
  `\`rejected\` ${DIGEST_LIFETIME_MS / DAY_MS} days after it was planned, approved or resumed`,
  `${MAX_PROBES} probes try it later`,
  `tried again up to ${MAX_BACKOFF_MS / MINUTE_MS} min apart`,
];
/** Names that contain numbers: replies and standards. */
const names = /`[^`]*`|\]\([^)]*\)|\b(RFC \d+|[45]xx|503)\b/g;
const numberWords =
  'two three four five six seven eight nine ten twenty thirty forty fifty hundred thousand million';

test('every number of the developers’ page is that of a constant in the code', () => {
  const text = prose(read(inside)).replace(/\s+/g, ' ');
  expect(numbers.filter((sentence) => !text.includes(sentence))).toEqual([]);
  const rest = numbers.reduce((left, sentence) => left.replace(sentence, ''), text).replace(names, '');
  const other = new RegExp(`.{0,30}(\\d|\\b(${numberWords.replaceAll(' ', '|')})\\b).{0,30}`, 'gi');
  // The numbers of a list's steps.
  expect(rest.replace(/ \d\. /g, ' ').match(other) ?? []).toEqual([]);
});

const tables: Record<string, { rows: readonly Transition<string>[]; table: string; column: string }> = {
  subscription: { rows: SUBSCRIPTION_TRANSITIONS, table: 'subscriptions', column: 'status' },
  article: { rows: ARTICLE_TRANSITIONS, table: 'articles', column: 'state' },
  digest: { rows: DIGEST_TRANSITIONS, table: 'digests', column: 'state' },
  draft: { rows: DRAFT_TRANSITIONS, table: 'drafts', column: 'state' },
  delivery: { rows: DELIVERY_TRANSITIONS, table: 'deliveries', column: 'state' },
  notice: { rows: NOTICE_TRANSITIONS, table: 'notices', column: 'state' },
};

/** `record  sending, uncertain → accepted, queued`: from each of those to each of these. Nothing before the arrow: made. */
function parseStates(block: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  let noun = '';
  for (const line of block.trimEnd().split('\n')) {
    if (!line.startsWith(' ')) {
      noun = line;
      found[noun] = [];
      continue;
    }
    const [, by = '', from = '', to = ''] = /^ +(\S+) +(?:(\S.*) )?→ (.+)$/.exec(line) ?? [];
    for (const before of from.split(', '))
      found[noun]?.push(...to.split(', ').map((after) => `${by}: ${before} → ${after}`));
  }
  return found;
}

test('the states of the developers’ page are those of the tables in the code', () => {
  const [block] = codeBlocks(read(inside)).filter(({ language }) => language === 'states');
  const documented = parseStates(block?.body ?? '');
  const inCode = Object.entries(tables).map(([noun, { rows }]) => [
    noun,
    rows.map(({ from, to, by }) => `${by}: ${from ?? ''} → ${to}`).toSorted(),
  ]);
  expect(
    Object.fromEntries(Object.entries(documented).map(([noun, rows]) => [noun, rows.toSorted()])),
  ).toEqual(Object.fromEntries(inCode));
});

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test.each(Object.entries(tables))(
  'the database allows a %s the states of its table, and no other',
  async (_, { rows, table, column }) => {
    const checks = await database.db.many<{ definition: string }>(sql`
    select pg_get_constraintdef(oid) as definition
      from pg_constraint
     where conrelid = ${table}::regclass and contype = 'c'
  `);
    const list = new RegExp(`^CHECK \\(\\(${column} = ANY \\(ARRAY\\[(.*)\\]\\)\\)\\)$`);
    const allowed = checks.flatMap(({ definition }) => list.exec(definition)?.[1] ?? []);
    expect(allowed).toHaveLength(1);
    const states = [...(allowed[0] ?? '').matchAll(/'([^']+)'/g)].map(([, state = '']) => state);
    expect(states.toSorted()).toEqual(statesIn(rows).toSorted());
  },
);

test('the map names every module and each of its steps, and nothing else', () => {
  const map = codeBlocks(read(inside))[0]?.body ?? '';
  const entries = map.split(/\n(?=\S)/).map((entry) => {
    const [first = '', ...steps] = entry.trimEnd().split('\n');
    const folders = [...(first.split(/ {2,}/)[0] ?? '').matchAll(/(\S+)\/(?= |$)/g)].map(
      ([, name = '']) => name,
    );
    return {
      folders,
      steps: steps
        .join(' ')
        .trim()
        .split(/\s+/)
        .filter((step) => step !== ''),
    };
  });
  const folders = entries.flatMap((entry) => entry.folders);
  const modules = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(folders.filter((name) => !name.startsWith('..')).toSorted()).toEqual(
    modules.map(({ name }) => name).toSorted(),
  );
  for (const {
    folders: [name = ''],
    steps,
  } of entries.filter((entry) => entry.steps.length > 0)) {
    const there = readdirSync(join(root, 'src', name), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect({ name, steps: steps.toSorted() }).toEqual({
      name,
      steps: there.map((entry) => entry.name).toSorted(),
    });
  }
});

/** A file or folder, as one is named in a text: with a slash in it, or with the ending of a file. */
function isPath(span: string): boolean {
  if (/[\s<>{}…*:?=#"']/.test(span) || /^(\/|@|\.data)/.test(span) || /^[A-Z_]+(\/|$)/.test(span))
    return false;
  return /\.(ts|mjs|js|json|sql|md|liquid|css|yml|example)$/.test(span) || /^[\w.-]+\/[\w./-]*$/.test(span);
}

test.each([inside, 'CONTRIBUTING.md', 'CHANGELOG.md', ...decisions])(
  'every file that %s names exists',
  (file) => {
    const named = codeSpans(read(file))
      .filter(isPath)
      .map((path) => path.replace(/^(\.\.?\/)+|\/$/g, ''));
    // The end of a path is enough where the text names its folder.
    expect(named.filter((path) => !tree.some((one) => `/${one}`.endsWith(`/${path}`)))).toEqual([]);
  },
);

test.each(pages)('every link within the project in %s leads somewhere', (file) => {
  const targets = [...prose(read(file)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const broken = targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const to = path === '' ? file : relative(root, join(root, dirname(file), path));
      if (!existsSync(join(root, to))) return true;
      return anchor !== undefined && !anchorsOf(read(to)).includes(anchor);
    });
  expect(broken).toEqual([]);
});

/** How GitHub makes the anchor of a heading. */
function anchorsOf(text: string): string[] {
  return [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

/** The words of each command in a text, up to where a shell or a comment would end it. */
function commandsIn(text: string, nouns: readonly string[]): string[][] {
  const lines = [...codeSpans(text), ...codeBlocks(text).flatMap(({ body }) => body.split('\n'))];
  return lines.flatMap((line) => {
    const [, command] = /^(?:.*&& |.*\$ )?(?:npx )?paperround (?!-)(.+)$/.exec(line) ?? [];
    const bare = nouns.includes(line.split(' ')[0] ?? '') && line.includes(' ') ? line : undefined;
    const found = command ?? bare;
    return found === undefined
      ? []
      : [
          found
            .split(/ #|[|;&>]/)[0]
            ?.trim()
            .split(/\s+/) ?? [],
        ];
  });
}

test('every command of the documentation exists, with the options that it is shown with', async () => {
  const paperround = await createCommandTree();
  const nouns = paperround.commands.filter((one) => one.commands.length > 0).map((one) => one.name());
  const all = pages.flatMap((file) => commandsIn(read(file), nouns));
  expect(all.length).toBeGreaterThan(50);
  expect(all.flatMap((words) => commandMistake(paperround, words) ?? [])).toEqual([]);
});

test('every npm script that the documentation runs exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = pages.flatMap((file) =>
    [...read(file).matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('the newest version of the changelog is the one in package.json, and each says what to do at its upgrade', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const versions = read('CHANGELOG.md')
    .split(/^(?=## )/m)
    .slice(1);
  expect(versions[0]).toMatch(new RegExp(`^## ${version}\\b`));
  expect(
    versions.filter((text) => !/^### To look at after the upgrade$|^The first version/m.test(text)),
  ).toEqual([]);
  expect(
    versions
      .map((text) => text.split('\n')[0])
      .filter((line) => !/^## \d+\.\d+\.\d+( \(.+\))?$/.test(line ?? '')),
  ).toEqual([]);
});

test('every setting of the documentation exists, of the process and of a publication', () => {
  const spans = pages.flatMap((file) => codeSpans(read(file)));
  const upper = spans.flatMap((span) => /^([A-Z]+_[A-Z_]+)\b/.exec(span)?.[1] ?? []);
  // A setting of the test run, one of docker-compose.yml, and two slips that are warned of.
  const known = [...settingNames, 'RANDOM_SEED', 'PAPERROUND_IMAGE', 'SMTP_URLS', 'PAPERROUND_PORT'];
  expect(upper.filter((name) => !known.includes(name))).toEqual([]);
  const ofPublication = spans.flatMap(
    (span) => /publication set (?:--\S+ \S+ )?(\w+)=/.exec(span)?.[1] ?? [],
  );
  expect(ofPublication.filter((name) => !(name in settingsSchema.shape))).toEqual([]);
  expect(settingNames.filter((name) => !read('.env.example').includes(name))).toEqual([]);
});

test('the slow test files that a run begins with exist', () => {
  const slow = JSON.parse(read('tests/support/jest/slow-files.json')) as Record<string, number>;
  for (const name of Object.keys(slow))
    expect(tree.filter((file) => file.endsWith(`/${name}.test.ts`))).toHaveLength(1);
});

test('every event of the log that the documentation names is logged', () => {
  const code = tree
    .filter((path) => /^(src|workers)\/.*\.ts$/.test(path))
    .map((path) => read(path))
    .join('\n');
  const events =
    /^(batch|circuit|database|delivery|digest|feed|http|job|ledger|mail-log|notice|sign-ups|templates|websub)\.[a-z-]+$/;
  const named = pages
    .filter((file) => file !== 'CHANGELOG.md')
    .flatMap((file) => codeSpans(read(file)).filter((span) => events.test(span)));
  const isLogged = (name: string) =>
    code.includes(`'${name}'`) || (name.startsWith('circuit.') && code.includes(`'${name.slice(8)}'`));
  expect(named.filter((name) => !isLogged(name))).toEqual([]);
});
