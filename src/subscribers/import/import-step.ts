import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import type { Import, ImportCounts, UndoCounts } from './import.js';

export type WorkContext = Pick<Context, 'db' | 'now' | 'actor' | 'hashAddress' | 'stopping' | 'log'>;

/** `position`: up to where it has been worked on. */
export type LockedImport = Import & { position: Buffer | null };

export type ChunkResult = { position: Buffer | null; counts: ImportCounts & UndoCounts; isLeft: boolean };

/** Works on the next rows or readers of an import, in one transaction. */
export type Chunk = (
  tx: Tx,
  context: WorkContext,
  found: LockedImport,
  publication: Publication,
) => Promise<ChunkResult>;
