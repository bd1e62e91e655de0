import { z } from 'zod';
import { addHook, removeHook, type AddedHook, type HookProof } from '../../events/providers/change-hooks.js';
import { refusals } from '../../events/providers/hook.js';
import { providers } from '../../events/providers/provider.js';
import { listHooks, type ListedHook } from '../../events/providers/reads.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type ApiContext } from './protocol/endpoint.js';

const hookSchema = z
  .object({
    id: z.uuid(),
    provider: z.enum(providers),
    url: z.string().meta({ description: 'Where the provider sends its requests.' }),
    topicArn: z.string().nullable().meta({ description: 'Of Amazon SES: the topic of SNS.' }),
    state: z.enum(['waiting', 'confirmed', 'ended']).meta({
      description: '`waiting`: nothing genuine has come yet; `ended`: the topic sends no more.',
    }),
    lastEventAt: z.date().nullable(),
    unread: z.int().meta({ description: 'Events of the last 30 days that could not be read.' }),
    refusal: z.enum(refusals).nullable().meta({ description: 'Why the last request that was refused was.' }),
    refusedAt: z.date().nullable(),
    createdAt: z.date(),
  })
  .meta({ description: 'An account or topic of a provider of mail, which tells what became of mail.' });

const addSchema = z.discriminatedUnion('provider', [
  z.strictObject({
    provider: z.literal('ses'),
    topicArn: z.string().max(400).meta({ description: 'The ARN of the SNS topic.' }),
  }),
  z.strictObject({
    provider: z.enum(['mailgun', 'sendgrid']),
    key: z
      .string()
      .max(2000)
      .meta({ description: 'Its webhook signing key, or its public verification key.' }),
  }),
  z.strictObject({
    provider: z.enum(['postmark', 'brevo']),
    secret: z
      .string()
      .regex(/^[\w.~-]{32,200}$/)
      .meta({ description: 'Made up by you, and set at the provider: what its requests are known by.' }),
  }),
]);

/** Problems by what is wrong; 409 for what stands in the way. */
const MISTAKES: Readonly<Record<Exclude<AddedHook['kind'], 'added'>, [status: 409 | 422, detail: string]>> = {
  'wrong-topic': [422, 'That is no ARN of a topic of SNS.'],
  'wrong-key': [422, 'That is no key of this provider.'],
  known: [409, 'It is set up already.'],
  'too-many': [409, 'There are too many hooks of this provider: remove one first.'],
};

/** What providers of mail tell by webhook: of the whole server. */
export const hookEndpoints = [
  endpoint({
    method: 'get',
    path: '/hooks',
    operationId: 'listHooks',
    summary: 'The accounts and topics of providers whose requests are taken, and how each stands.',
    scope: 'read',
    responses: { 200: { description: 'All of them.', schema: z.object({ items: z.array(hookSchema) }) } },
    handle: async (context) => {
      const hooks = await listHooks(context.db);
      return { status: 200, body: { items: hooks.map((hook) => hookToJson(context, hook)) } };
    },
  }),
  endpoint({
    method: 'post',
    path: '/hooks',
    operationId: 'addHook',
    summary: 'Takes what a provider tells of mail from now on. What proves its requests is not shown again.',
    scope: 'write',
    body: addSchema,
    responses: { 201: { description: 'It is taken.', schema: hookSchema } },
    handle: async (context, { body }) => {
      const proof: HookProof = body;
      const added = await addHook(context, proof);
      if (added.kind !== 'added') throw mistake(added.kind);
      const hook = (await listHooks(context.db)).find(({ id }) => id === added.id);
      if (hook === undefined) throw noSuchHook();
      return { status: 201, body: hookToJson(context, hook) };
    },
  }),
  endpoint({
    method: 'delete',
    path: '/hooks/{id}',
    operationId: 'removeHook',
    summary:
      'Refuses what it sends from now on, and deletes what it has sent; what was recorded of readers stays.',
    scope: 'write',
    params: z.object({ id: z.uuid() }),
    responses: { 204: { description: 'It is removed.' } },
    handle: async (context, { params: { id } }) => {
      if (!(await removeHook(context, id))) throw noSuchHook();
      return { status: 204 };
    },
  }),
];

function mistake(kind: keyof typeof MISTAKES): ApiProblem {
  const [status, detail] = MISTAKES[kind];
  return new ApiProblem(status, kind, `${detail} Nothing was changed.`);
}

function noSuchHook(): ApiProblem {
  return new ApiProblem(404, 'no-such-hook', 'There is no hook with this id.');
}

function hookToJson(
  { publicUrl }: Pick<ApiContext, 'publicUrl'>,
  hook: ListedHook,
): z.infer<typeof hookSchema> {
  const { id, provider, topicArn, state, lastEventAt, unread, refusal, refusedAt, createdAt } = hook;
  const url = `${publicUrl}/hooks/${provider}`;
  return { id, provider, url, topicArn, state, lastEventAt, unread, refusal, refusedAt, createdAt };
}
