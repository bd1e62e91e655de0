import type { Digest } from '../../digests/digest.js';
import type { MessageTemplate, Sign } from '../../platform/mail/mime/message-template.js';
import type { Publication } from '../../publications/publication.js';
import type { Recipient } from '../../subscribers/reads.js';
import type { AttemptKey } from '../delivery.js';

/** A delivery that is being sent. */
export type ClaimedDelivery = AttemptKey & { variantId: string; deferrals: number; reader: Recipient };

/** A second's work, claimed for one mail server. `checkedAt`: when its readers' eligibility was checked. */
export type Chunk = {
  digest: Digest;
  publication: Publication;
  claimed: ClaimedDelivery[];
  sign: Sign | undefined;
  templates: ReadonlyMap<string, MessageTemplate>;
  /** Why a variant has none, by its id. */
  templateFaults: ReadonlyMap<string, unknown>;
  checkedAt: Date;
};
