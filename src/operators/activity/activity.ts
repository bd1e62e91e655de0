import type { ActorKind } from '../../platform/actor.js';
import type { SubjectType } from './kind.js';
import type { ActivityKind, After, Before } from './kinds.js';

/** Who changed something. `name`: of the operator or the token; null for the others, and where it is not there any more. */
export type RecordedActor = { kind: ActorKind; id: string | null; name: string | null };

/** One change of one kind, as it was recorded. */
export type Activity<Name extends ActivityKind = ActivityKind> = {
  [Each in Name]: {
    id: string;
    createdAt: Date;
    kind: Each;
    actor: RecordedActor;
    /** Null: several, which `after` counts. */
    subjectId: string | null;
    subjectType: SubjectType;
    /** Null: it was about the whole server. */
    publicationId: string | null;
    before: Before<Each>;
    after: After<Each>;
  };
}[Name];

/** A change with what its subject is called now; null for what has no name, or is not there any more. */
export type NamedActivity<Name extends ActivityKind = ActivityKind> = Activity<Name> & {
  subjectName: string | null;
};
