import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import type { Attack } from '../subscribers/attack.js';
import { findRunningAttack } from '../subscribers/attack-reads.js';
import {
  countFormsByHour,
  countHeldByReason,
  countHeldSignUps,
  listHeldSignUps,
  type HeldSignUp,
} from '../subscribers/held-reads.js';

/** What became of the forms of one hour. */
export type FormsOfHour = { hour: Date; recorded: number; held: number; refused: number };

/** A newsletter's sign-ups as an operator sees them. */
export type SignUpPage = {
  attack: Attack | undefined;
  /** Every hour, the one that runs last; those without forms too. */
  hours: FormsOfHour[];
  heldCount: number;
  /** Most frequent first. */
  reasons: { reason: string; count: number }[];
  /** A page of those held, newest first. */
  held: HeldSignUp[];
  /** Where the next page begins; undefined: there is none. */
  older: string | undefined;
};

const HOUR_MS = 3600 * 1000;
const SHOWN_HOURS = 48;
const A_PAGE = 50;

export async function readSignUpPage(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { id: publicationId }: Pick<Publication, 'id'>,
  before: string | undefined,
): Promise<SignUpPage> {
  const first = Math.floor(now().getTime() / HOUR_MS) * HOUR_MS - (SHOWN_HOURS - 1) * HOUR_MS;
  const known = await countFormsByHour(db, publicationId, new Date(first));
  const held = await listHeldSignUps(db, { publicationId, before, limit: A_PAGE + 1 });
  return {
    attack: await findRunningAttack(db, publicationId),
    hours: everyHour(first, known),
    heldCount: await countHeldSignUps(db, publicationId),
    reasons: await countHeldByReason(db, publicationId),
    held: held.slice(0, A_PAGE),
    older: held.length > A_PAGE ? held[A_PAGE - 1]?.id : undefined,
  };
}

function everyHour(first: number, known: readonly FormsOfHour[]): FormsOfHour[] {
  const byTime = new Map(known.map((one) => [one.hour.getTime(), one]));
  return Array.from({ length: SHOWN_HOURS }, (_, at) => {
    const time = first + at * HOUR_MS;
    return byTime.get(time) ?? { hour: new Date(time), recorded: 0, held: 0, refused: 0 };
  });
}
