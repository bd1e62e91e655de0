import { z } from 'zod';
import { findRunningAttack } from '../../subscribers/attack-reads.js';
import { attackCauses } from '../../subscribers/attack.js';
import { deleteHeld } from '../../subscribers/delete-held.js';
import { listHeldSignUps, type HeldSignUp } from '../../subscribers/held-reads.js';
import { releaseHeld } from '../../subscribers/release-held.js';
import { switchAttack } from '../../subscribers/switch-attack.js';
import { listOf, pageOf, pageQuery, readPage } from './cursor.js';
import { endpoint, Problem, type ApiContext } from './endpoint.js';
import { namedPublication, publicationField } from './publications.js';

const shown = z.object({
  id: z.uuid(),
  publication: z.uuid(),
  email: z.string(),
  reasons: z.array(z.string()).meta({ description: 'What spoke against it, as codes.' }),
  source: z.string().nullable(),
  createdAt: z.date(),
});

const attackShown = z.object({
  on: z.boolean(),
  cause: z
    .enum(attackCauses)
    .nullable()
    .meta({ description: '`by-hand` stays on until it is switched off; the others end by themselves.' }),
  beganAt: z.date().nullable(),
});

const byId = z.object({ id: z.uuid() });
const byName = z.object({ id: z.string().min(1).max(63).meta({ description: 'The id or the slug.' }) });

/** Sign-ups that wait for a person, and attack mode. */
export const signUpHoldEndpoints = [
  endpoint({
    method: 'get',
    path: '/sign-up-holds',
    operationId: 'listSignUpHolds',
    summary: 'Sign-ups that are held, newest first. What nobody decides on is deleted after 7 days.',
    scope: 'read',
    query: z.strictObject({ publication: publicationField, ...pageQuery }),
    answers: { 200: { description: 'A page of held sign-ups.', schema: listOf(shown) } },
    handle: async ({ db }, { query }) => {
      const { id: publicationId } = await namedPublication({ db }, query.publication);
      const page = readPage(query);
      const held = await listHeldSignUps(db, { publicationId, before: page.before, limit: page.limit + 1 });
      return { status: 200, body: pageOf(held, page, show) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/sign-up-holds/{id}/release',
    operationId: 'releaseSignUpHold',
    summary: 'Lets a held sign-up go on: it is answered by mail like any other.',
    scope: 'write',
    params: byId,
    answers: { 204: { description: 'It goes on.' } },
    handle: async (context, { params }) => {
      if ((await releaseHeld(context, params)) === 0) throw notHeld();
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
    answers: { 204: { description: 'It is gone.' } },
    handle: async (context, { params }) => {
      if ((await deleteHeld(context, params)) === 0) throw notHeld();
      return { status: 204 };
    },
  }),
  endpoint({
    method: 'get',
    path: '/publications/{id}/attack',
    operationId: 'showAttackMode',
    summary: 'Whether attack mode is on: forms then ask for work first.',
    scope: 'read',
    params: byName,
    answers: { 200: { description: 'How it is now.', schema: attackShown } },
    handle: async (context, { params }) => ({ status: 200, body: await showAttack(context, params.id) }),
  }),
  endpoint({
    method: 'put',
    path: '/publications/{id}/attack',
    operationId: 'switchAttackMode',
    summary: 'Switches attack mode on until it is switched off, or off for at least 24 hours.',
    scope: 'write',
    params: byName,
    body: z.strictObject({ on: z.boolean() }),
    answers: { 200: { description: 'How it is now.', schema: attackShown } },
    handle: async (context, { params, body }) => {
      const { id } = await namedPublication(context, params.id);
      await switchAttack(context, id, body.on);
      return { status: 200, body: await showAttack(context, id) };
    },
  }),
];

async function showAttack(context: ApiContext, name: string): Promise<z.infer<typeof attackShown>> {
  const { id } = await namedPublication(context, name);
  const attack = await findRunningAttack(context.db, id);
  return { on: attack !== undefined, cause: attack?.cause ?? null, beganAt: attack?.beganAt ?? null };
}

function notHeld(): Problem {
  return new Problem(404, 'not-held', 'No sign-up with this id is held. Nothing was changed.');
}

function show({ publicationId, ...held }: HeldSignUp): z.infer<typeof shown> {
  return shown.parse({ ...held, publication: publicationId });
}
