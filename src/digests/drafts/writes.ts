import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import { chosenAs } from '../article-choices.js';
import type { Digest } from '../digest.js';
import { DRAFT_TRANSITIONS, type Draft, type DraftContent, type DraftOperation } from './draft.js';

/** So many versions of a draft are kept: more than two editors are apart. */
const MAX_VERSIONS = 100;

/**
 * One at a time for a publication, until the transaction ends: who opens digests, and who changes what is written for them. So
 * a digest has what was approved when its first reader was planned, all of it or nothing.
 */
export async function lockDrafts(tx: Tx, publicationId: string): Promise<void> {
  await tx.run(sql`
    select pg_advisory_xact_lock(hashtextextended(${`drafts ${publicationId}`}, 0))
  `);
}

/** Undefined: somebody else has begun one for the same digest. */
export function insertDraft(
  tx: Tx,
  draft: Pick<Draft, 'publicationId' | 'cadence' | 'period' | 'closesAt' | 'content'>,
  now: Date,
): Promise<{ id: string } | undefined> {
  return tx.maybe(sql`
    insert into drafts (publication_id, cadence, period, closes_at, state, content, created_at, updated_at)
    values (${draft.publicationId}, ${draft.cadence}, ${draft.period}, ${draft.closesAt}, 'draft',
            ${JSON.stringify(draft.content)}, ${now}, ${now})
    on conflict do nothing
    returning id
  `);
}

/** Keeps a version, and so many before it. */
export async function insertVersion(
  tx: Tx,
  { id, version, content }: Pick<Draft, 'id' | 'version' | 'content'>,
  now: Date,
): Promise<void> {
  await tx.run(sql`
    insert into draft_versions (draft_id, version, content, created_at)
    values (${id}, ${version}, ${JSON.stringify(content)}, ${now})
  `);
  await tx.run(sql`
    delete from draft_versions
     where draft_id = ${id}
       and version <= ${version - MAX_VERSIONS}
  `);
}

/** draft or approved -> draft, at the next version; 0: somebody else was quicker, or it is over. */
export function updateContent(
  tx: Tx,
  { id, version }: Pick<Draft, 'id' | 'version'>,
  content: DraftContent,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update drafts
       set state = 'draft',
           version = version + 1,
           content = ${JSON.stringify(content)},
           updated_at = ${now}
     where id = ${id}
       and version = ${version}
       and state = any(${statesBefore(DRAFT_TRANSITIONS, 'change')}::text[])
  `);
}

/** For another digest of a rhythm; 0: it is over, or there is one for that digest. */
export function updateTarget(
  tx: Tx,
  { id, cadence, period, closesAt }: Pick<Draft, 'id' | 'cadence' | 'period' | 'closesAt'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update drafts
       set cadence = ${cadence},
           period = ${period},
           closes_at = ${closesAt},
           missed_digest_id = null,
           updated_at = ${now}
     where id = ${id}
       and state = any(${statesBefore(DRAFT_TRANSITIONS, 'change')}::text[])
       and not exists (select from drafts other
                        where other.id <> ${id}
                          and other.publication_id = drafts.publication_id
                          and other.cadence = ${cadence}
                          and other.period is not distinct from ${period}
                          and other.state in ('draft', 'approved'))
  `);
}

/** To another state, if this version is in one that the operation begins at; 0: it is not. */
export function updateDraftState(
  tx: Tx,
  { id, version }: Pick<Draft, 'id' | 'version'>,
  { by, to, digestId = null }: { by: DraftOperation; to: Draft['state']; digestId?: string | null },
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update drafts
       set state = ${to},
           digest_id = ${digestId},
           missed_digest_id = null,
           updated_at = ${now}
     where id = ${id}
       and version = ${version}
       and state = any(${statesBefore(DRAFT_TRANSITIONS, by)}::text[])
  `);
}

/** A digest has begun without it. */
export function updateMissed(tx: Tx, id: string, digestId: string): Promise<number> {
  return tx.run(sql`
    update drafts
       set missed_digest_id = ${digestId}
     where id = ${id}
  `);
}

/** What a digest that has not begun has of its draft; 0: it has begun. A hold for want of them is over. */
export async function updateDigestWords(
  tx: Tx,
  digestId: string,
  words: Pick<Digest, 'subject' | 'preheader' | 'note' | 'outro' | 'articleChoices'>,
): Promise<number> {
  return tx.run(sql`
    update digests
       set subject = ${words.subject},
           preheader = ${words.preheader},
           note = ${words.note},
           outro = ${words.outro},
           article_choices = ${JSON.stringify(words.articleChoices)},
           hold_reasons = array_remove(hold_reasons, 'draft')
     where id = ${digestId}
       and state in ('held', 'approved')
       and last_batch = 0
  `);
}

/** In place of what was left out of it before. */
export async function replaceLeftOut(
  tx: Tx,
  digestId: string,
  { articleChoices }: Pick<Digest, 'articleChoices'>,
): Promise<void> {
  await tx.run(sql`
    delete from left_out_articles
     where digest_id = ${digestId}
  `);
  const ids = [...chosenAs(articleChoices, 'never')];
  if (ids.length === 0) return;
  await tx.run(sql`
    insert into left_out_articles (article_id, digest_id)
    select id, ${digestId}::uuid
      from articles
     where id = any(${ids}::uuid[])
  `);
}
