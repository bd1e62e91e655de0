import type { Db, Tx } from '../db/database.js';
import { sql } from '../db/sql.js';

/**
 * Why mail is held. `older`: the database is behind what DATA_DIR or Redis have seen of it. `copy`: it runs in another
 * Postgres cluster than before. `said`: an operator started with `--after-restore`.
 */
export type RestoreReason = 'older' | 'copy' | 'said';

/** Since when mail is held, and why. */
export type MailHold = { heldSince: Date; heldReason: RestoreReason };

/** What an operator can run: how much is held, and either decision. */
export const AFTER_RESTORE_COMMANDS = ['show', 'send', 'skip'].map(
  (verb) => `npx paperround after-restore ${verb}`,
);

/** The row that a database has of itself. While `heldSince` is set, no mail that was due before goes out. */
export type Installation = {
  id: string;
  counter: number;
  systemIdentifier: string | null;
  heldSince: Date | null;
  heldReason: RestoreReason | null;
};

/** An operator's decision lifts the counter so far that it is ahead of every copy of an older one, wherever that is kept. */
const DECISION_STEP = 1_000_000_000;

/** Made where it is missing. */
export async function readInstallation(db: Db | Tx): Promise<Installation> {
  const read = () =>
    db.maybe<Installation>(
      sql`select id, counter, system_identifier, held_since, held_reason from installation`,
    );
  const found = await read();
  if (found !== undefined) return found;
  await db.run(sql`insert into installation default values on conflict do nothing`);
  return db.one<Installation>(sql`
    select id, counter, system_identifier, held_since, held_reason from installation
  `);
}

/** Undefined while nothing is held. */
export function findMailHold(db: Db | Tx): Promise<MailHold | undefined> {
  return db.maybe(sql`
    select held_since, held_reason
      from installation
     where held_since is not null
  `);
}

/** Counts one more batch or notice that is about to be sent. */
export function advanceCounter(db: Db): Promise<Pick<Installation, 'id' | 'counter' | 'heldSince'>> {
  return db.one(sql`
    insert into installation as i (counter) values (1)
    on conflict (only_row) do update
       set counter = i.counter + 1
    returning id, counter, held_since
  `);
}

/** Zero: it was held before. */
export function holdMail(
  db: Db,
  { reason, survivedCounter }: { reason: RestoreReason; survivedCounter: number },
  now: Date,
): Promise<number> {
  return db.run(sql`
    update installation
       set held_since = ${now},
           held_reason = ${reason},
           survived_counter = ${survivedCounter}
     where held_since is null
  `);
}

export function storeSystemIdentifier(db: Db | Tx, systemIdentifier: string): Promise<number> {
  return db.run(sql`update installation set system_identifier = ${systemIdentifier}`);
}

/** An operator has decided: this database is the one that counts from now on. Zero: nothing was held. */
export function releaseMailHold(tx: Tx): Promise<number> {
  return tx.run(sql`
    update installation
       set counter = greatest(counter, survived_counter) + ${DECISION_STEP},
           system_identifier = null,
           held_since = null,
           held_reason = null,
           survived_counter = null
     where held_since is not null
  `);
}

/** Undefined where this role may not read it, or the server has no such thing. */
export async function readSystemIdentifier(db: Db): Promise<string | undefined> {
  try {
    const { id } = await db.one<{ id: string }>(
      sql`select system_identifier::text as id from pg_control_system()`,
    );
    return id;
  } catch (error) {
    if (CANNOT_BE_READ.includes((error as { code?: string }).code ?? '')) return undefined;
    throw error;
  }
}

/** insufficient_privilege, undefined_function: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CANNOT_BE_READ = ['42501', '42883'];
