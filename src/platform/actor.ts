/** What may change something, by itself or for a person. */
export const actorKinds = ['operator', 'token', 'command-line', 'reader', 'system'] as const;
export type ActorKind = (typeof actorKinds)[number];

/**
 * Who changes something. `command-line`: whoever may run commands on the server, also through an entry link for nobody in
 * particular. `reader`: whoever has a link that was mailed to a reader. `system`: Paperround by itself, in a job or because
 * of what a feed or a mail server said.
 */
export type Actor =
  | { kind: Extract<ActorKind, 'operator' | 'token'>; id: string }
  | { kind: Exclude<ActorKind, 'operator' | 'token'> };

/** Who changes something, from the two columns of a row. @param row.actorId null: of a kind that has no ids */
export function actorOf({ actorKind, actorId }: { actorKind: ActorKind; actorId: string | null }): Actor {
  return actorId === null ? ({ kind: actorKind } as Actor) : { kind: actorKind, id: actorId };
}

/** The context of a request, a command or a job, for operations that record who did it. */
export function actingAs<Base extends object>(context: Base, actor: Actor): Base & { actor: Actor } {
  return { ...context, actor };
}

/** For what Paperround does by itself, also where somebody's change led to it. */
export function bySystem(now: Date): { actor: Actor; now: () => Date } {
  return { actor: { kind: 'system' }, now: () => now };
}
