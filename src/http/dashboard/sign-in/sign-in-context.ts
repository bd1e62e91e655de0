import type { Context } from '../../../platform/context.js';
import type { Keys } from '../../../platform/crypto/keys.js';
import type { AttemptCounter } from './attempts.js';

/** What pages that sign somebody in, or ask who she is, work with. */
export type SignInContext = Pick<
  Context,
  'db' | 'hashAddress' | 'links' | 'log' | 'now' | 'publicUrl' | 'templates'
> & { keys: Keys; attempts: AttemptCounter };
