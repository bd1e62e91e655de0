import type { Cause } from './alert.js';
import { tellArticles, tellAttack, tellFeeds } from './tell-intake.js';
import { tellCircuit, tellHeld, tellPaused } from './tell-sending.js';
import type { Told, Wording } from './told.js';

/** A cause for an operator's eyes. Addresses of readers are left out: this is mailed. */
export function tellCause(cause: Cause, wording: Wording): Told {
  switch (cause.kind) {
    case 'held-digest':
      return tellHeld(cause, wording);
    case 'paused-digest':
      return tellPaused(cause, wording);
    case 'open-circuit':
      return tellCircuit(cause, wording);
    case 'held-articles':
      return tellArticles(cause, wording);
    case 'failing-feeds':
      return tellFeeds(cause, wording);
    case 'attack':
      return tellAttack(cause, wording);
  }
}
