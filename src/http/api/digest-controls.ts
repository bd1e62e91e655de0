import { z } from 'zod';
import { describeCancellation } from '../../deliveries/control/cancellation-report.js';
import { DIGEST_ACTIONS } from '../../deliveries/control/digest-actions.js';
import { describeRefusal } from '../../digests/transition.js';
import { cancelledDigestSchema, digestSchema } from './digest-schemas.js';
import { requireDigest, digestToJson } from './digests.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type ApiContext, type Endpoint, type EndpointResponse } from './protocol/endpoint.js';

/** The actions that the API offers. */
type ApiAction = 'approve' | 'pause' | 'resume' | 'cancel';

const params = z.object({ id: z.uuid() });

/** The `code` of a refusal, by action: stable, for programs. */
const refusalCodes: Record<ApiAction, string> = {
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
  actionEndpoint('approve', {
    method: 'post',
    path: '/digests/{id}/approval',
    operationId: 'approveDigest',
    summary: 'Lets a held digest go: its readers are mailed as each is due.',
    responses: { 200: { description: 'It is approved.', schema: digestSchema } },
  }),
  actionEndpoint('pause', {
    method: 'post',
    path: '/digests/{id}/pause',
    operationId: 'pauseDigest',
    summary: 'Stops sending it for now; what is on the wire finishes.',
    responses: { 200: { description: 'It is paused.', schema: digestSchema } },
  }),
  actionEndpoint('resume', {
    method: 'delete',
    path: '/digests/{id}/pause',
    operationId: 'resumeDigest',
    summary: 'Goes on sending a paused digest, also one that a mail server’s answers had paused.',
    responses: { 200: { description: 'It is being sent.', schema: digestSchema } },
  }),
  actionEndpoint(
    'cancel',
    {
      method: 'post',
      path: '/digests/{id}/cancellation',
      operationId: 'cancelDigest',
      summary: 'Sends it to nobody else, for good; says who has it and what becomes of its articles.',
      responses: { 200: { description: 'It is cancelled.', schema: cancelledDigestSchema } },
    },
    cancelledDigestToJson,
  ),
];

type Description = Pick<Endpoint, 'method' | 'path' | 'operationId' | 'summary' | 'responses'>;

function actionEndpoint(action: ApiAction, description: Description, toJson = currentDigestToJson): Endpoint {
  return endpoint({
    ...description,
    scope: 'send',
    params,
    handle: async (context, { params: { id } }): Promise<EndpointResponse> => {
      await actOrThrow(context, action, id);
      return { status: 200, body: await toJson(context, id) };
    },
  });
}

/** @throws ApiProblem 409 when it is not in a state for that; a digest that is not there is the caller's to find out */
async function actOrThrow(context: ApiContext, action: ApiAction, id: string): Promise<void> {
  const result = await DIGEST_ACTIONS[action].act(context, id);
  if (result.kind === 'refused')
    throw new ApiProblem(
      409,
      result.isAddressMissing === true ? 'no-postal-address' : refusalCodes[action],
      describeRefusal(action, result, context.templates.operatorWords),
    );
}

async function currentDigestToJson(context: ApiContext, id: string): Promise<z.infer<typeof digestSchema>> {
  return digestToJson(context, await requireDigest(context, id));
}

async function cancelledDigestToJson(
  context: ApiContext,
  id: string,
): Promise<z.infer<typeof cancelledDigestSchema>> {
  const digest = await requireDigest(context, id);
  const { db, templates } = context;
  const { keptFrom, explanation } = await describeCancellation(db, digest, templates.operatorWords);
  return { ...(await digestToJson(context, digest)), keptFrom, explanation };
}
