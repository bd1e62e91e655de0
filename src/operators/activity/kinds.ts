import type { z } from 'zod';
import type { Kind, PayloadSchema } from './kind.js';
import { articleKinds } from './kinds/articles.js';
import { digestKinds } from './kinds/digests.js';
import { draftKinds } from './kinds/drafts.js';
import { operatorKinds } from './kinds/operators.js';
import { publicationKinds } from './kinds/publications.js';
import { readerKinds } from './kinds/readers.js';
import { serverKinds } from './kinds/server.js';

/** Every kind of change that is recorded. Names stay the same: programs read them. */
const ACTIVITY_KINDS = {
  ...publicationKinds,
  ...articleKinds,
  ...digestKinds,
  ...draftKinds,
  ...readerKinds,
  ...operatorKinds,
  ...serverKinds,
} satisfies Record<`${string}.${string}`, Kind>;

export type ActivityKind = keyof typeof ACTIVITY_KINDS;

export const activityKinds = Object.keys(ACTIVITY_KINDS) as ActivityKind[];

type Payload<Schema extends PayloadSchema> = Schema extends z.ZodType ? z.output<Schema> : null;

/** What a row of a kind has of its subject. */
export type Before<Name extends ActivityKind> = Payload<(typeof ACTIVITY_KINDS)[Name]['before']>;
export type After<Name extends ActivityKind> = Payload<(typeof ACTIVITY_KINDS)[Name]['after']>;

/** The definition without the types of what it has before and after. */
export function kindOf(name: ActivityKind): Kind {
  return ACTIVITY_KINDS[name];
}

/** The kinds whose names begin so: all of a noun, as `digest`, or one, as `digest.approved`. Empty: there is none. */
export function kindsUnder(prefix: string): ActivityKind[] {
  return activityKinds.filter((name) => name === prefix || name.startsWith(`${prefix}.`));
}
