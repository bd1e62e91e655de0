import { randomBytes } from 'node:crypto';
import { bySystem } from '../../src/platform/actor.js';
import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { createPublication } from '../../src/publications/change-publication.js';
import {
  newPublicationSchema,
  type NewPublication,
  type Publication,
} from '../../src/publications/publication.js';
import { findPublicationBySlug } from '../../src/publications/reads.js';
import { createTestDatabase } from '../support/test-database.js';
import { compileCheckout, createTempHome, type FinishedProcess } from '../support/paperround-process.js';
import { runInCommandHost } from '../support/command-host.js';

/** The command line with a database of its own. */
export type Terminal = {
  db: Db;
  environment: Record<string, string>;
  /** Runs `paperround` with these words to its end. */
  run(...words: string[]): Promise<FinishedProcess>;
  /** Runs it with --json and answers what it printed; fails unless it went well. */
  json<Printed>(...words: string[]): Promise<Printed>;
  close(): Promise<void>;
};

let isCompiled: Promise<void> | undefined;

/** Queue and mail server are named, and not there: commands only enqueue jobs. */
export async function openTerminal(): Promise<Terminal> {
  await (isCompiled ??= compileCheckout());
  const database = await createTestDatabase();
  const home = createTempHome();
  const environment = {
    DATABASE_URL: database.url,
    REDIS_URL: 'redis://127.0.0.1:1',
    SMTP_URL: 'smtp://127.0.0.1:1',
    SECRET_KEY: randomBytes(32).toString('hex'),
    PUBLIC_URL: 'http://news.example',
    DATA_DIR: home.dataDir,
  };
  const run = (...words: string[]) => runInCommandHost(words, environment);
  return {
    db: database.db,
    environment,
    run,
    json: async <Printed>(...words: string[]) => {
      const { code, stdout, stderr } = await run(...words, '--json');
      if (code !== 0 || stderr !== '') throw new Error(`${words.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout) as Printed;
    },
    close: async () => {
      await database.close();
      home.remove();
    },
  };
}

/** The settings that a publication needs. */
export const lantern = [
  'slug=lantern',
  'name=The Lantern',
  'siteUrl=https://lantern.example/',
  'fromAddress=news@lantern.example',
];

/** The publication of those settings, made without the command. */
export async function createLantern(db: Db, settings: Partial<NewPublication> = {}): Promise<Publication> {
  const given = Object.fromEntries(lantern.map((pair) => pair.split('=')));
  const postalAddress = '1 Quay Street, Harbour Town';
  const wanted = newPublicationSchema.parse({ postalAddress, ...given, ...settings });
  await createPublication({ db, ...bySystem(now()) }, wanted);
  const publication = await findPublicationBySlug(db, wanted.slug);
  if (publication === undefined) throw new Error('The publication was not made');
  return publication;
}

export const now = () => new Date();

/** A confirmed reader of the publication with this slug, who has read nothing yet. */
export async function addReader(db: Db, slug: string, email: string): Promise<void> {
  await db.transaction(async (tx) => {
    const now = new Date();
    const { id } = await tx.one<{ id: string }>(sql`
      insert into subscribers (email, email_key, created_at) values (${email}, ${email}, ${now}) returning id
    `);
    await tx.run(sql`
      insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month,
                                 timezone, created_at, confirmed_at)
      select id, ${id}, 'confirmed', 'en', 'weekly', 7, 1, 1, 'UTC', ${now}, ${now}
        from publications
       where slug = ${slug}
    `);
  });
}

export async function countRows(db: Db, table: 'publications' | 'digests' | 'feeds' | 'articles') {
  const tables = {
    publications: sql`publications`,
    digests: sql`digests`,
    feeds: sql`feeds`,
    articles: sql`articles`,
  };
  return (await db.one<{ count: number }>(sql`select count(*) as count from ${tables[table]}`)).count;
}
