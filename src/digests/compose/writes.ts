import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { RenderedVariant } from '../digest.js';

/** Keeps a variant's words and message, once: whoever renders second reads what the first one stored. */
export function storeRendering(tx: Tx, id: string, rendering: RenderedVariant, now: Date): Promise<number> {
  return tx.run(sql`
    update variants
       set subject = ${rendering.subject},
           html = ${rendering.html},
           text = ${rendering.text},
           mime = ${rendering.mime},
           rendered_at = ${now}
     where id = ${id}
       and rendered_at is null
  `);
}

/** Its first mail is about to go out; later ones change nothing. */
export function recordFirstSent(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update digests
       set sent_at = ${now}
     where id = ${id}
       and sent_at is null
  `);
}
