import { z } from 'zod';
import { cancelDigest } from '../../deliveries/cancel-digest.js';
import { describeCancelled } from '../../deliveries/cancelled.js';
import { resumeDigest } from '../../deliveries/resume-digest.js';
import { approveDigest } from '../../digests/approve.js';
import { whyRefused, type Control, type Controlled } from '../../digests/control.js';
import { pauseByHand } from '../../digests/pause.js';
import { cancelled, shown } from './digest-shapes.js';
import { namedDigest, show } from './digests.js';
import { endpoint, Problem, type Answer, type ApiContext } from './endpoint.js';

const params = z.object({ id: z.uuid() });

/** Stable, for programs. */
const codes: Partial<Record<Control, string>> = {
  approve: 'not-held',
  pause: 'not-sending',
  resume: 'not-paused',
  cancel: 'not-cancellable',
};

/** An operator's word about a digest. Each may be sent twice: what is so already is answered as done. */
export const digestControlEndpoints = [
  endpoint({
    method: 'post',
    path: '/digests/{id}/approval',
    operationId: 'approveDigest',
    summary: 'Lets a held digest go: its readers are mailed as each is due.',
    scope: 'send',
    params,
    answers: { 200: { description: 'It is approved.', schema: shown } },
    handle: (context, { params: { id } }) => settle(context, 'approve', id, approveDigest(context, id)),
  }),
  endpoint({
    method: 'post',
    path: '/digests/{id}/pause',
    operationId: 'pauseDigest',
    summary: 'Stops sending it for now; what is on the wire finishes.',
    scope: 'send',
    params,
    answers: { 200: { description: 'It is paused.', schema: shown } },
    handle: (context, { params: { id } }) => settle(context, 'pause', id, pauseByHand(context, id)),
  }),
  endpoint({
    method: 'delete',
    path: '/digests/{id}/pause',
    operationId: 'resumeDigest',
    summary: 'Goes on sending a paused digest, also one that a mail server’s answers had paused.',
    scope: 'send',
    params,
    answers: { 200: { description: 'It is being sent.', schema: shown } },
    handle: (context, { params: { id } }) => settle(context, 'resume', id, resumeDigest(context, id)),
  }),
  endpoint({
    method: 'post',
    path: '/digests/{id}/cancellation',
    operationId: 'cancelDigest',
    summary: 'Sends it to nobody else, for good; says who has it and what becomes of its articles.',
    scope: 'send',
    params,
    answers: { 200: { description: 'It is cancelled.', schema: cancelled } },
    handle: async (context, { params: { id } }) => {
      const { status, body } = await settle(context, 'cancel', id, cancelDigest(context, id));
      const { keptFrom, says } = await describeCancelled(context.db, await namedDigest(context, id));
      return { status, body: { ...body, keptFrom, explanation: says } };
    },
  }),
];

/** @throws Problem 404, or 409 when it is not in a state for that */
async function settle(
  context: ApiContext,
  control: Control,
  id: string,
  doing: Promise<Controlled>,
): Promise<Answer & { body: z.infer<typeof shown> }> {
  const controlled = await doing;
  if (controlled.kind === 'refused')
    throw new Problem(409, codes[control] ?? control, whyRefused(control, controlled.state));
  return { status: 200, body: await show(context, await namedDigest(context, id)) };
}
