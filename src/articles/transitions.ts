import type { Transition } from '../platform/db/transitions.js';
import type { Article } from './article.js';

type State = Article['state'];

export type ArticleOperation =
  | 'add'
  | 'release'
  | 'release-now'
  | 'skip'
  | 'hold'
  | 'retract'
  | 'vanish'
  | 'reappear'
  | 'restore'
  | 'judge';

/**
 * Who moves an article from which state to which. `release-now`, `skip`, `hold`, `retract` and `restore` are decisions of
 * an operator; `vanish` and `reappear` follow what a feed shows, `judge` what a change of an article means for its hold. The SQL of each narrows this further: `release-now` takes
 * back only a retracted article that was never released, `reappear` only one that had vanished, `restore` only one that
 * an operator retracted after its release.
 */
export const ARTICLE_TRANSITIONS: readonly Transition<State, ArticleOperation>[] = [
  { from: null, to: 'waiting', by: 'add' },
  { from: null, to: 'held', by: 'add' },
  { from: null, to: 'skipped', by: 'add' },
  { from: 'waiting', to: 'released', by: 'release' },
  { from: 'held', to: 'waiting', by: 'release-now' },
  { from: 'waiting', to: 'waiting', by: 'release-now' },
  { from: 'retracted', to: 'waiting', by: 'release-now' },
  { from: 'held', to: 'skipped', by: 'skip' },
  { from: 'waiting', to: 'skipped', by: 'skip' },
  { from: 'waiting', to: 'held', by: 'hold' },
  { from: 'held', to: 'waiting', by: 'judge' },
  { from: 'waiting', to: 'held', by: 'judge' },
  { from: 'held', to: 'held', by: 'judge' },
  { from: 'waiting', to: 'retracted', by: 'retract' },
  { from: 'held', to: 'retracted', by: 'retract' },
  { from: 'released', to: 'retracted', by: 'retract' },
  { from: 'skipped', to: 'retracted', by: 'retract' },
  { from: 'retracted', to: 'retracted', by: 'retract' },
  { from: 'held', to: 'retracted', by: 'vanish' },
  { from: 'waiting', to: 'retracted', by: 'vanish' },
  { from: 'retracted', to: 'waiting', by: 'reappear' },
  { from: 'retracted', to: 'held', by: 'reappear' },
  { from: 'retracted', to: 'released', by: 'restore' },
  { from: 'retracted', to: 'waiting', by: 'restore' },
];
