import { findArticlePublication } from '../../articles/reads.js';
import { findFeedPublication } from '../../articles/feeds/reads.js';
import { findHoldPublication } from '../../articles/release/reads.js';
import { findDraftPublication } from '../../digests/drafts/reads.js';
import { findDigestPublication } from '../../digests/reads.js';
import { findSubscriptionPublication } from '../../subscribers/reads.js';
import { findHeldSignUpPublication } from '../../subscribers/sign-up/reads.js';
import { findExportPublication } from '../../exports/reads.js';
import type { OwnedRow } from './protocol/endpoint-access.js';

export const articleRow: OwnedRow = {
  find: findArticlePublication,
  code: 'no-such-article',
  detail: 'There is no article with this id.',
};

export const holdRow: OwnedRow = {
  find: findHoldPublication,
  code: 'no-such-hold',
  detail: 'There is no hold with this id.',
};

export const feedRow: OwnedRow = {
  find: findFeedPublication,
  code: 'no-such-feed',
  detail: 'There is no feed with this id.',
};

export const digestRow: OwnedRow = {
  find: findDigestPublication,
  code: 'no-such-digest',
  detail: 'There is no digest with this id.',
};

export const draftRow: OwnedRow = {
  find: findDraftPublication,
  code: 'no-such-draft',
  detail: 'There is no draft with this id.',
};

export const subscriptionRow: OwnedRow = {
  find: findSubscriptionPublication,
  code: 'no-such-subscription',
  detail: 'There is no subscription with this id.',
};

export const signUpHoldRow: OwnedRow = {
  find: findHeldSignUpPublication,
  code: 'not-held',
  detail: 'No sign-up with this id is held. Nothing was changed.',
};

export const exportRow: OwnedRow = {
  find: findExportPublication,
  code: 'no-such-export',
  detail: 'There is no export with this id. One is kept for a day.',
};
