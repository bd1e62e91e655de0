import type { Context } from '../platform/context.js';
import { HOUR_MS } from '../platform/durations.js';
import type { Publication } from '../publications/publication.js';
import type { Attack } from '../subscribers/attack/attack.js';
import { findRunningAttack } from '../subscribers/attack/reads.js';
import {
  countFormsByHour,
  countHeldByReason,
  countHeldSignUps,
  listHeldSignUps,
} from '../subscribers/sign-up/reads.js';
import type { HeldSignUp } from '../subscribers/sign-up/request.js';

/** What became of the forms of one hour. */
export type HourlyFormCounts = { hour: Date; recorded: number; held: number; refused: number };

/** A newsletter's sign-ups as an operator sees them. */
export type SignUpOverview = {
  attack: Attack | undefined;
  /** Every hour up to the current one, also those without forms. */
  hours: HourlyFormCounts[];
  heldCount: number;
  /** Most frequent first. */
  reasons: { reason: string; count: number }[];
  /** A page of those held, newest first. */
  held: HeldSignUp[];
  /** Where the next page begins; undefined: there is none. */
  older: string | undefined;
};

const SHOWN_HOURS = 48;
const PAGE_SIZE = 50;

export async function readSignUpOverview(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { id: publicationId }: Pick<Publication, 'id'>,
  before: string | undefined,
): Promise<SignUpOverview> {
  const first = Math.floor(now().getTime() / HOUR_MS) * HOUR_MS - (SHOWN_HOURS - 1) * HOUR_MS;
  const known = await countFormsByHour(db, publicationId, new Date(first));
  const held = await listHeldSignUps(db, { publicationId, before, limit: PAGE_SIZE + 1 });
  return {
    attack: await findRunningAttack(db, publicationId),
    hours: fillMissingHours(first, known),
    heldCount: await countHeldSignUps(db, publicationId),
    reasons: await countHeldByReason(db, publicationId),
    held: held.slice(0, PAGE_SIZE),
    older: held.length > PAGE_SIZE ? held[PAGE_SIZE - 1]?.id : undefined,
  };
}

function fillMissingHours(first: number, known: readonly HourlyFormCounts[]): HourlyFormCounts[] {
  const byTime = new Map(known.map((one) => [one.hour.getTime(), one]));
  return Array.from({ length: SHOWN_HOURS }, (_, at) => {
    const time = first + at * HOUR_MS;
    return byTime.get(time) ?? { hour: new Date(time), recorded: 0, held: 0, refused: 0 };
  });
}
