import { z } from 'zod';
import { findRunningAttack } from '../../subscribers/attack/reads.js';
import { attackCauses } from '../../subscribers/attack/attack.js';
import { setAttackMode } from '../../subscribers/attack/set-attack-mode.js';
import { pageSchema, toPage, pageQuery, parsePage } from './protocol/pagination.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type ApiContext } from './protocol/endpoint.js';
import { publicationField } from './publication-schemas.js';
import { requirePublication } from './publications.js';
import { deleteHeldSignUps, releaseHeldSignUps } from '../../subscribers/sign-up/held.js';
import { listHeldSignUps } from '../../subscribers/sign-up/reads.js';
import type { HeldSignUp } from '../../subscribers/sign-up/request.js';

const holdSchema = z.object({
  id: z.uuid(),
  publication: z.uuid(),
  email: z.string(),
  reasons: z.array(z.string()).meta({ description: 'What spoke against it, as codes.' }),
  source: z.string().nullable(),
  createdAt: z.date(),
});

const attackModeSchema = z.object({
  on: z.boolean(),
  cause: z
    .enum(attackCauses)
    .nullable()
    .meta({ description: '`by-hand` stays on until it is switched off; the others end by themselves.' }),
  beganAt: z.date().nullable(),
});

const byId = z.object({ id: z.uuid() });
const idOrSlugParams = z.object({
  id: z.string().min(1).max(63).meta({ description: 'The id or the slug.' }),
});

/** Held sign-ups, and attack mode. */
export const signUpHoldEndpoints = [
  endpoint({
    method: 'get',
    path: '/sign-up-holds',
    operationId: 'listSignUpHolds',
    summary: 'Sign-ups that are held, newest first. What nobody decides on is deleted after 7 days.',
    scope: 'read',
    query: z.strictObject({ publication: publicationField, ...pageQuery }),
    responses: { 200: { description: 'A page of held sign-ups.', schema: pageSchema(holdSchema) } },
    handle: async ({ db }, { query }) => {
      const { id: publicationId } = await requirePublication({ db }, query.publication);
      const page = parsePage(query);
      const held = await listHeldSignUps(db, { publicationId, before: page.before, limit: page.limit + 1 });
      return { status: 200, body: toPage(held, page, holdToJson) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/sign-up-holds/{id}/release',
    operationId: 'releaseSignUpHold',
    summary: 'Lets a held sign-up go on: it is answered by mail like any other.',
    scope: 'write',
    params: byId,
    responses: { 204: { description: 'It goes on.' } },
    handle: async (context, { params }) => {
      if ((await releaseHeldSignUps(context, params)) === 0) throw notHeld();
      return { status: 204 };
    },
  }),
  endpoint({
    method: 'delete',
    path: '/sign-up-holds/{id}',
    operationId: 'deleteSignUpHold',
    summary: 'Forgets a held sign-up. Nobody is mailed.',
    scope: 'write',
    params: byId,
    responses: { 204: { description: 'It is gone.' } },
    handle: async (context, { params }) => {
      if ((await deleteHeldSignUps(context, params)) === 0) throw notHeld();
      return { status: 204 };
    },
  }),
  endpoint({
    method: 'get',
    path: '/publications/{id}/attack',
    operationId: 'showAttackMode',
    summary: 'Whether attack mode is on: forms then ask for work first.',
    scope: 'read',
    params: idOrSlugParams,
    responses: { 200: { description: 'How it is now.', schema: attackModeSchema } },
    handle: async (context, { params }) => ({ status: 200, body: await showAttack(context, params.id) }),
  }),
  endpoint({
    method: 'put',
    path: '/publications/{id}/attack',
    operationId: 'switchAttackMode',
    summary: 'Switches attack mode on until it is switched off, or off for at least 24 hours.',
    scope: 'write',
    params: idOrSlugParams,
    body: z.strictObject({ on: z.boolean() }),
    responses: { 200: { description: 'How it is now.', schema: attackModeSchema } },
    handle: async (context, { params, body }) => {
      const { id } = await requirePublication(context, params.id);
      await setAttackMode(context, id, body.on);
      return { status: 200, body: await showAttack(context, id) };
    },
  }),
];

async function showAttack(context: ApiContext, name: string): Promise<z.infer<typeof attackModeSchema>> {
  const { id } = await requirePublication(context, name);
  const attack = await findRunningAttack(context.db, id);
  return { on: attack !== undefined, cause: attack?.cause ?? null, beganAt: attack?.beganAt ?? null };
}

function notHeld(): ApiProblem {
  return new ApiProblem(404, 'not-held', 'No sign-up with this id is held. Nothing was changed.');
}

function holdToJson({ publicationId, ...held }: HeldSignUp): z.infer<typeof holdSchema> {
  return holdSchema.parse({ ...held, publication: publicationId });
}
