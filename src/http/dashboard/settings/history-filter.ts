import { z } from 'zod';
import type { ActivityFilter } from '../../../operators/activity/reads.js';
import { kindsUnder, type ActivityKind } from '../../../operators/activity/kinds.js';
import { actorKinds, type ActorKind } from '../../../platform/actor.js';

/** What history is narrowed to, as its address says it; what means nothing there is left out. */
export type HistoryFilter = {
  /** One of `historyTopics`, a noun, or one kind. */
  what: string | null;
  /** A kind of actor, or the id of an operator or a token. */
  who: string | null;
  /** What is about the whole server, and no newsletter. */
  isOfServer: boolean;
  before: string | undefined;
};

/** What people look for: nouns of changes, under one word. */
export const historyTopics: readonly { value: string; label: string; nouns: readonly string[] }[] = [
  { value: 'settings', label: 'Settings, feeds and keys', nouns: ['publication', 'feed', 'dkim-key'] },
  { value: 'articles', label: 'Articles', nouns: ['article', 'article-hold'] },
  { value: 'digests', label: 'Digests', nouns: ['digest'] },
  {
    value: 'readers',
    label: 'Readers and sign-ups',
    nouns: ['subscription', 'suppression', 'import', 'sign-up-hold', 'attack'],
  },
  { value: 'people', label: 'People and programs', nouns: ['operator', 'invitation', 'token'] },
  { value: 'mail', label: 'Mail servers and failures', nouns: ['circuit', 'hook', 'failed-rows', 'restore'] },
];

const word = z.string().max(100).optional().catch(undefined);

const filterQuery = z.object({
  what: word,
  who: z
    .union([z.enum(actorKinds), z.uuid()])
    .optional()
    .catch(undefined),
  of: z.enum(['server']).optional().catch(undefined),
  before: z.uuid().optional().catch(undefined),
});

export function readHistoryFilter(query: unknown): HistoryFilter {
  const { what = '', who = null, of, before } = filterQuery.parse(query);
  return {
    what: kindsOf(what).length > 0 ? what : null,
    who,
    isOfServer: of === 'server',
    before,
  };
}

/** The same for the database. */
export function toActivityFilter(
  { what, who, isOfServer }: HistoryFilter,
  publicationId: string,
): ActivityFilter {
  return {
    publicationId: isOfServer ? null : publicationId,
    kinds: what === null ? undefined : kindsOf(what),
    actor: who === null ? undefined : isActorKind(who) ? { kind: who } : { id: who },
  };
}

/** The filters as the address has them, beginning with the first name; empty where there are none. */
export function writeHistoryFilter({ what, who, isOfServer }: HistoryFilter): string {
  const query = new URLSearchParams();
  if (what !== null) query.set('what', what);
  if (who !== null) query.set('who', who);
  if (isOfServer) query.set('of', 'server');
  return query.toString();
}

function kindsOf(what: string): ActivityKind[] {
  const topic = historyTopics.find(({ value }) => value === what);
  return topic === undefined ? kindsUnder(what) : topic.nouns.flatMap(kindsUnder);
}

function isActorKind(who: string): who is ActorKind {
  return actorKinds.some((kind) => kind === who);
}
