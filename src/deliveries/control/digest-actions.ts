import { z } from 'zod';
import {
  approveDigest,
  cancelDigest,
  holdDigestByOperator,
  pauseDigestByOperator,
  rescheduleDigest,
} from '../../digests/change-state.js';
import type { DigestAction, DigestActionResult } from '../../digests/transition.js';
import type { ControlContext } from './for-each-batch.js';
import { resolveDigest, resolveInput } from './resolve-digest.js';
import { resumeDigest } from './resume-digest.js';
import { retryDigest } from './retry-digest.js';

/** One action of an operator on a digest: what it takes besides the digest's id, and what does it. */
export type DigestActionEntry<Input, Result> = {
  input: z.ZodType<Input>;
  act(context: ControlContext, digestId: string, input: Input): Promise<Result>;
};

const noInput = z.object({});

/**
 * What each action does, takes and answers, for the API, the dashboard and the command line. From which states it may be
 * done stands in `digests/transition.ts`.
 */
export const DIGEST_ACTIONS = {
  approve: { input: noInput, act: approveDigest },
  hold: { input: noInput, act: holdDigestByOperator },
  reschedule: { input: z.object({ sendAt: z.date() }), act: rescheduleDigest },
  pause: { input: noInput, act: pauseDigestByOperator },
  resume: { input: noInput, act: resumeDigest },
  cancel: { input: noInput, act: cancelDigest },
  retry: { input: noInput, act: retryDigest },
  resolve: { input: resolveInput, act: resolveDigest },
} satisfies Record<DigestAction, DigestActionEntry<unknown, DigestActionResult | { kind: 'nothing' }>>;
