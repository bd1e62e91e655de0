import { Readable } from 'node:stream';
import { readFile } from '../../../src/subscribers/suppression/add-file.js';
import { suppressAddress } from '../../../src/subscribers/suppression/operator-changes.js';
import { findPublicationBySlug } from '../../../src/publications/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { TestApp } from '../../support/test-app.js';
import { LANTERN } from './week.js';

const LIST = `/operator/publications/${LANTERN}/readers`;

/** The path of the page of a reader in a state. */
export async function readerPath({ context }: TestApp, status: string): Promise<string> {
  const { id } = await context.db.one<{ id: string }>(sql`
    select s.id
      from subscriptions s
      join publications p on p.id = s.publication_id
     where p.slug = ${LANTERN}
       and counted_status(s.status, s.erased_at) = ${status}
     order by s.id
     limit 1
  `);
  return `${LIST}/${id}`;
}

/** The page of a reader whose mail has a state, with the answer why. */
export async function whyPath({ context }: TestApp, state: string): Promise<string> {
  const { id, digestId } = await context.db.one<{ id: string; digestId: string }>(sql`
    select d.subscription_id as id, d.digest_id
      from deliveries d
      join subscriptions s on s.id = d.subscription_id
     where d.state = ${state}
       and s.erased_at is null
     order by d.updated_at desc, d.subscription_id
     limit 1
  `);
  return `${LIST}/${id}?why=${digestId}`;
}

/** The page of an address that is not mailed. */
export async function suppressionPath({ context }: TestApp): Promise<string> {
  const publicationId = (await findPublicationBySlug(context.db, LANTERN))?.id ?? null;
  const note = 'Asked by telephone on Monday';
  await suppressAddress(context, { emailKey: 'telephone@readers.example', publicationId, note });
  const { id } = await context.db.one<{ id: string }>(sql`
    select id from suppressions where reason = 'operator' and publication_id = ${publicationId} order by id desc limit 1
  `);
  return `${LIST}/do-not-mail/${id}`;
}

/** The page of a file of such addresses that was read. */
export async function suppressionFilePath({ context }: TestApp): Promise<string> {
  const publicationId = (await findPublicationBySlug(context.db, LANTERN))?.id ?? null;
  const lines = ['ada@old.example', '@trap.example', 'nobody', 'bo@old.example', 'Tuesday'].join('\n');
  const change = { publicationId, note: 'Who left the old newsletter' };
  const { id } = await readFile(context, change, Readable.from([Buffer.from(lines)]));
  return `${LIST}/do-not-mail/files/${id}`;
}
