import { z } from 'zod';
import { domainOf } from '../../platform/mail/address.js';
import { takesMail } from '../../subscribers/sign-up/check-form.js';
import { parseAddress } from '../../subscribers/address.js';
import { changeChoices } from '../../subscribers/preferences/change-choices.js';
import { eraseSubscription } from '../../subscribers/erase/erase.js';
import { findSubscription, listSubscriptionsPage } from '../../subscribers/reads.js';
import { recordTrustedRequest } from '../../subscribers/sign-up/record-requests.js';
import { isTombstone, type Subscription } from '../../subscribers/subscription.js';
import { unsubscribe } from '../../subscribers/leave/unsubscribe.js';
import { pageSchema, toPage, parsePage } from './protocol/pagination.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type ApiContext } from './protocol/endpoint.js';
import { requireActivePublication, requirePublication } from './publications.js';
import {
  changeSubscriptionSchema,
  createSubscriptionSchema,
  listSubscriptionsQuery,
  subscriptionDetailSchema,
  subscriptionSchema,
} from './subscription-schemas.js';
import { listConsents } from '../../subscribers/consent/reads.js';
import { isErased } from '../../subscribers/suppression/reads.js';

const byId = z.object({ id: z.uuid() });

export const subscriptionEndpoints = [
  endpoint({
    method: 'get',
    path: '/subscriptions',
    operationId: 'listSubscriptions',
    summary:
      'Subscriptions, newest first: of a publication, or of all where none is named; with `email`, those of that address.',
    scope: 'read',
    query: listSubscriptionsQuery,
    responses: { 200: { description: 'A page of subscriptions.', schema: pageSchema(subscriptionSchema) } },
    handle: async (context, { query }, { publicationIds }) => {
      const emailKey = query.email === undefined ? undefined : parseEmailField(query.email, 400).key;
      const named = query.publication && (await requirePublication(context, query.publication)).id;
      const page = parsePage(query);
      const where = {
        publicationIds: named === undefined ? publicationIds : [named],
        status: query.status,
        emailKey,
        before: page.before,
        limit: page.limit + 1,
      };
      return {
        status: 200,
        body: toPage(await listSubscriptionsPage(context.db, where), page, subscriptionToJson),
      };
    },
  }),
  endpoint({
    method: 'post',
    path: '/subscriptions',
    operationId: 'createSubscription',
    summary: 'Asks an address to confirm. It is never subscribed without its owner’s click.',
    scope: 'write',
    body: createSubscriptionSchema,
    responses: {
      202: {
        description:
          'Taken. The address is sent a link to confirm, or word that it is subscribed already; nothing where it had as many mails as anybody may cause, or asked for none. The answer is the same.',
        schema: z.object({ status: z.literal('check-inbox') }),
      },
    },
    handle: async (context, { body }) => {
      const { id: publicationId } = await requireActivePublication(context, body.publication);
      const address = parseEmailField(body.email, 422);
      await requireMailServer(context, address.email);
      if (await isErased(context.db, publicationId, context.hashAddress(address.key))) {
        throw new ApiProblem(
          409,
          'erased',
          'This person had herself erased. Only she can sign up again, with the form.',
        );
      }
      const { cadence = null, timezone: zone = null, locale: language = null, source = null } = body;
      const wish = { cadence, topics: body.topics, timezone: zone, locale: language, source };
      await recordTrustedRequest(context, { publicationId, email: address.email, ...wish });
      return { status: 202, body: { status: 'check-inbox' } };
    },
  }),
  endpoint({
    method: 'get',
    path: '/subscriptions/{id}',
    operationId: 'showSubscription',
    summary: 'One subscription, with the kept proof of what she agreed to.',
    scope: 'read',
    params: byId,
    responses: { 200: { description: 'The subscription.', schema: subscriptionDetailSchema } },
    handle: async (context, { params }) => {
      const subscription = subscriptionToJson(await requireSubscription(context, params.id));
      return { status: 200, body: { ...subscription, consents: await listConsents(context.db, params.id) } };
    },
  }),
  endpoint({
    method: 'patch',
    path: '/subscriptions/{id}',
    operationId: 'changeSubscription',
    summary: 'Changes what she gets, when and how often.',
    scope: 'write',
    params: byId,
    body: changeSubscriptionSchema,
    responses: { 200: { description: 'The subscription as it is now.', schema: subscriptionSchema } },
    handle: async (context, { params, body }) => {
      await requireSubscription(context, params.id);
      await changeChoices(context, params.id, body);
      return { status: 200, body: subscriptionToJson(await requireSubscription(context, params.id)) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/subscriptions/{id}/unsubscription',
    operationId: 'unsubscribe',
    summary: 'Ends a subscription at once.',
    scope: 'write',
    params: byId,
    responses: { 200: { description: 'The subscription as it is now.', schema: subscriptionSchema } },
    handle: async (context, { params }) => {
      await requireSubscription(context, params.id);
      await unsubscribe(context, params.id);
      return { status: 200, body: subscriptionToJson(await requireSubscription(context, params.id)) };
    },
  }),
  endpoint({
    method: 'delete',
    path: '/subscriptions/{id}',
    operationId: 'eraseSubscription',
    summary: 'Erases the reader from this publication. Links in her old mails still answer.',
    scope: 'write',
    params: byId,
    responses: { 204: { description: 'She is erased.' } },
    handle: async (context, { params }) => {
      await requireSubscription(context, params.id);
      await eraseSubscription(context, params.id);
      return { status: 204 };
    },
  }),
];

/** In a query, `+` means a space (URL Standard, application/x-www-form-urlencoded): plus tags are lost by it. */
export function parseEmailField(text: string, status: 400 | 422) {
  const parsed = parseAddress(text);
  if (parsed.kind === 'address') return parsed.address;
  const hint =
    status === 400 && /\S \S/.test(text) ? ' It has a space in it: in a query, a + is written %2B.' : '';
  throw new ApiProblem(
    status,
    'invalid-request',
    `Nothing was changed. email: is not a complete mail address.${hint}`,
  );
}

/** @throws ApiProblem 422 for a domain that takes no mail; as far as that is known within a moment, as for a form */
async function requireMailServer(context: ApiContext, email: string): Promise<void> {
  const domain = domainOf(email);
  if (await takesMail(context, domain)) return;
  const detail = `Nothing was changed. email: ${domain} takes no mail.`;
  throw new ApiProblem(422, 'no-mail-server', detail);
}

async function requireSubscription({ db }: Pick<ApiContext, 'db'>, id: string): Promise<Subscription> {
  const subscription = await findSubscription(db, id);
  if (subscription === undefined || isTombstone(subscription))
    throw new ApiProblem(404, 'no-such-subscription', 'There is no subscription with this id.');
  return subscription;
}

function subscriptionToJson({
  publicationId,
  ...subscription
}: Subscription): z.infer<typeof subscriptionSchema> {
  return subscriptionSchema.parse({ ...subscription, publication: publicationId });
}
