import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { FileMistake, SuppressionFile } from './suppression-file.js';

/** @param publicationId null: one for all publications; undefined: whatever it is for */
export function findFile(
  db: Db | Tx,
  id: string,
  publicationId?: string | null,
): Promise<SuppressionFile | undefined> {
  const owner =
    publicationId === undefined ? sql`` : sql`and publication_id is not distinct from ${publicationId}`;
  return db.maybe<SuppressionFile>(sql`
    select id, publication_id, note, state, actor_kind, actor_id, lines, unreadable, found, domains, present, added,
           created_at, finished_at
      from suppression_files
     where id = ${id}
       ${owner}
  `);
}

/** The lines of a file that say no address, in order. */
export function listMistakes(db: Db | Tx, fileId: string, limit: number): Promise<FileMistake[]> {
  return db.many<FileMistake>(sql`
    select line, mistake
      from suppression_file_mistakes
     where file_id = ${fileId}
     order by line
     limit ${limit}
  `);
}
