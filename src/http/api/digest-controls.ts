import { z } from 'zod';
import { cancelDigest, approveDigest, pauseDigestByOperator } from '../../digests/change-state.js';
import { describeCancellation } from '../../deliveries/control/cancellation-report.js';
import { resumeDigest } from '../../deliveries/control/resume-digest.js';
import { refusalReason, type DigestAction, type DigestActionResult } from '../../digests/transition.js';
import { cancelledDigestSchema, digestSchema } from './digest-schemas.js';
import { requireDigest, digestToJson } from './digests.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type EndpointResponse, type ApiContext } from './protocol/endpoint.js';

const params = z.object({ id: z.uuid() });

/** The `code` of a refusal, by action: stable, for programs. */
const refusalCodes: Partial<Record<DigestAction, string>> = {
  approve: 'not-held',
  pause: 'not-sending',
  resume: 'not-paused',
  cancel: 'not-cancellable',
};

/**
 * Actions on a digest. Each may be sent twice: a digest that is in the wanted state already is answered as if it were
 * changed now.
 */
export const digestControlEndpoints = [
  endpoint({
    method: 'post',
    path: '/digests/{id}/approval',
    operationId: 'approveDigest',
    summary: 'Lets a held digest go: its readers are mailed as each is due.',
    scope: 'send',
    params,
    responses: { 200: { description: 'It is approved.', schema: digestSchema } },
    handle: (context, { params: { id } }) =>
      respondToControl(context, 'approve', id, approveDigest(context, id)),
  }),
  endpoint({
    method: 'post',
    path: '/digests/{id}/pause',
    operationId: 'pauseDigest',
    summary: 'Stops sending it for now; what is on the wire finishes.',
    scope: 'send',
    params,
    responses: { 200: { description: 'It is paused.', schema: digestSchema } },
    handle: (context, { params: { id } }) =>
      respondToControl(context, 'pause', id, pauseDigestByOperator(context, id)),
  }),
  endpoint({
    method: 'delete',
    path: '/digests/{id}/pause',
    operationId: 'resumeDigest',
    summary: 'Goes on sending a paused digest, also one that a mail server’s answers had paused.',
    scope: 'send',
    params,
    responses: { 200: { description: 'It is being sent.', schema: digestSchema } },
    handle: (context, { params: { id } }) =>
      respondToControl(context, 'resume', id, resumeDigest(context, id)),
  }),
  endpoint({
    method: 'post',
    path: '/digests/{id}/cancellation',
    operationId: 'cancelDigest',
    summary: 'Sends it to nobody else, for good; says who has it and what becomes of its articles.',
    scope: 'send',
    params,
    responses: { 200: { description: 'It is cancelled.', schema: cancelledDigestSchema } },
    handle: async (context, { params: { id } }) => {
      const { status, body } = await respondToControl(context, 'cancel', id, cancelDigest(context, id));
      const { keptFrom, explanation } = await describeCancellation(
        context.db,
        await requireDigest(context, id),
      );
      return { status, body: { ...body, keptFrom, explanation: explanation } };
    },
  }),
];

/** @throws ApiProblem 404, or 409 when the digest's state does not allow the action */
async function respondToControl(
  context: ApiContext,
  control: DigestAction,
  id: string,
  doing: Promise<DigestActionResult>,
): Promise<EndpointResponse & { body: z.infer<typeof digestSchema> }> {
  const controlled = await doing;
  if (controlled.kind === 'refused')
    throw new ApiProblem(409, refusalCodes[control] ?? control, refusalReason(control, controlled.state));
  return { status: 200, body: await digestToJson(context, await requireDigest(context, id)) };
}
