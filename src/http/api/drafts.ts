import { z } from 'zod';
import { NOT_LIVE } from '../../deliveries/plan/operator-digest.js';
import { sendDraft } from '../../deliveries/plan/send-draft.js';
import { changeDraft } from '../../digests/drafts/change-draft.js';
import { approveDraft, discardDraft, takeDraftBack } from '../../digests/drafts/control-draft.js';
import type { Draft } from '../../digests/drafts/draft.js';
import { findTarget } from '../../digests/drafts/draft-targets.js';
import { findDraft, listDrafts } from '../../digests/drafts/reads.js';
import { writeDraft } from '../../digests/drafts/write-draft.js';
import { ApiProblem } from '../errors/problem.js';
import { readSendAt } from './digest-order.js';
import { digestSchema } from './digest-schemas.js';
import { digestToJson, requireDigest } from './digests.js';
import {
  changeDraftSchema,
  createDraftSchema,
  decideDraftSchema,
  draftSchema,
  draftToJson,
  sendDraftSchema,
  versionQuery,
} from './draft-schemas.js';
import { endpoint, type ApiContext } from './protocol/endpoint.js';
import { pageQuery, pageSchema, parsePage, toPage } from './protocol/pagination.js';
import { publicationField } from './publication-schemas.js';
import { requireActivePublication, requirePublication } from './publications.js';

const params = z.object({ id: z.uuid() });

/** What is written for digests that are to come, and emails of their own. */
export const draftEndpoints = [
  endpoint({
    method: 'get',
    path: '/drafts',
    operationId: 'listDrafts',
    summary: 'What is written for digests, and emails of their own, newest first.',
    scope: 'read',
    query: z.strictObject({ publication: publicationField, ...pageQuery }),
    responses: { 200: { description: 'A page of drafts.', schema: pageSchema(draftSchema) } },
    handle: async (context, { query }) => {
      const { id } = await requirePublication(context, query.publication);
      const page = parsePage(query);
      const drafts = await listDrafts(context.db, id, { before: page.before, limit: page.limit + 1 });
      return { status: 200, body: toPage(drafts, page, draftToJson) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/drafts',
    operationId: 'createDraft',
    summary: 'Writes for a digest that is to come, or an email of its own; nobody is mailed it yet.',
    scope: 'write',
    body: createDraftSchema,
    responses: { 201: { description: 'It is written.', schema: draftSchema } },
    handle: async (context, { body }) => {
      const { publication: named, cadence, period, ...change } = body;
      const publication = await requireActivePublication(context, named);
      const target = findTarget(publication, { cadence, period }, context.now());
      if (target === undefined)
        throw new ApiProblem(422, 'no-such-period', 'Nothing was written. No such digest is to come.');
      const { kind, draft } = await writeDraft(context, publication.id, target, change);
      if (kind === 'known')
        throw new ApiProblem(409, 'draft-exists', 'Nothing was written. There is a draft for this digest.', {
          members: { draft: memberOf(draft) },
        });
      return { status: 201, body: draftToJson(draft) };
    },
  }),
  endpoint({
    method: 'get',
    path: '/drafts/{id}',
    operationId: 'showDraft',
    summary: 'One draft.',
    scope: 'read',
    params,
    responses: { 200: { description: 'The draft.', schema: draftSchema } },
    handle: async (context, { params: { id } }) => ({ status: 200, body: await currentDraft(context, id) }),
  }),
  endpoint({
    method: 'patch',
    path: '/drafts/{id}',
    operationId: 'changeDraft',
    summary:
      'Changes what is written, and takes an approval back. What somebody else changed since `version` stays; where both changed the same field nothing is saved.',
    scope: 'write',
    params,
    body: changeDraftSchema,
    responses: { 200: { description: 'As it is now.', schema: draftSchema } },
    handle: async (context, { params: { id }, body: { version, ...change } }) => {
      const changed = await changeDraft(context, id, { seen: version, change });
      if (changed.kind === 'clash')
        throw new ApiProblem(
          409,
          'changed-meanwhile',
          `Nothing was changed: somebody else has changed ${changed.fields.join(', ')}. It is at version ${changed.draft.version}.`,
          { members: { draft: { ...memberOf(changed.draft), fields: changed.fields } } },
        );
      if (changed.kind === 'over' || changed.kind === 'unknown') throw refused(changed);
      return { status: 200, body: draftToJson(changed.draft) };
    },
  }),
  endpoint({
    method: 'delete',
    path: '/drafts/{id}',
    operationId: 'discardDraft',
    summary: 'Throws it away: nobody is mailed it.',
    scope: 'write',
    params,
    query: versionQuery,
    responses: { 200: { description: 'It is thrown away.', schema: draftSchema } },
    handle: async (context, { params: { id }, query: { version } }) =>
      decided(context, id, await discardDraft(context, id, version), 'discarded'),
  }),
  endpoint({
    method: 'post',
    path: '/drafts/{id}/approval',
    operationId: 'approveDraft',
    summary: 'Its digest goes with it; one that waits for it, and for nothing else, goes now.',
    scope: 'send',
    params,
    body: decideDraftSchema,
    responses: { 200: { description: 'It is approved.', schema: draftSchema } },
    handle: async (context, { params: { id }, body: { version } }) =>
      decided(context, id, await approveDraft(context, id, version), 'approved'),
  }),
  endpoint({
    method: 'delete',
    path: '/drafts/{id}/approval',
    operationId: 'takeDraftBack',
    summary: 'Takes an approval, or the order of an email, back, while nobody was planned for its digest.',
    scope: 'send',
    params,
    query: versionQuery,
    responses: { 200: { description: 'It can be changed again.', schema: draftSchema } },
    handle: async (context, { params: { id }, query: { version } }) =>
      decided(context, id, await takeDraftBack(context, id, version), 'taken-back'),
  }),
  endpoint({
    method: 'post',
    path: '/drafts/{id}/digest',
    operationId: 'sendDraft',
    summary: 'Sends an email of its own, now or later.',
    scope: 'send',
    params,
    body: sendDraftSchema,
    responses: { 201: { description: 'It is being sent.', schema: digestSchema } },
    handle: async (context, { params: { id }, body }) => {
      const sendAt = readSendAt(body.sendAt, context.now());
      const sent = await sendDraft(context, id, { version: body.version, sendAt });
      if (sent.kind !== 'sent') throw refused(sent);
      return { status: 201, body: await digestToJson(context, await requireDigest(context, sent.digestId)) };
    },
  }),
];

async function currentDraft(context: ApiContext, id: string) {
  const draft = await findDraft(context.db, id);
  if (draft === undefined) throw refused({ kind: 'unknown' });
  return draftToJson(draft);
}

/** @throws ApiProblem where it was not done */
async function decided(
  context: ApiContext,
  id: string,
  result: { kind: string; draft?: Draft },
  done: string,
) {
  if (result.kind !== done) throw refused(result);
  return { status: 200, body: await currentDraft(context, id) };
}

const REFUSALS: Readonly<Record<string, readonly [code: string, detail: string]>> = {
  'changed-meanwhile': ['changed-meanwhile', 'Nothing was done: it has another version by now.'],
  over: ['draft-over', 'Nothing was done: its state does not allow it.'],
  begun: ['digest-begun', 'Nothing was changed: its digest has begun.'],
  empty: ['draft-empty', 'Nothing was approved: nothing is written.'],
  'no-words': ['draft-empty', 'Nothing was sent. An email without articles needs a subject and a note.'],
  'no-articles': ['draft-empty', 'Nothing was sent. No article was chosen for it.'],
  'nobody-due': ['nobody-due', 'Nobody is due anything. No digest was made.'],
  'not-live': ['publication-not-live', NOT_LIVE],
  archived: ['publication-archived', 'Nothing was sent. The publication is archived.'],
};

function refused({ kind, draft }: { kind: string; draft?: Draft }): ApiProblem {
  const [code, detail] = REFUSALS[kind] ?? [];
  if (code === undefined || detail === undefined)
    return new ApiProblem(404, 'no-such-draft', 'There is no draft with this id.');
  const members = draft === undefined ? {} : { draft: memberOf(draft) };
  return new ApiProblem(409, code, detail, { members });
}

/** For a program to act on. */
function memberOf({ id, state, version }: Draft) {
  return { id, state, version };
}
