import { z } from 'zod';
import { eventClasses, eventScopes, eventSources } from '../../events/names.js';
import { listEvents, type ListedEvent } from '../../events/reads.js';
import { eventMatches } from '../../events/record/match.js';
import { endpoint } from './protocol/endpoint.js';
import { pageQuery, pageSchema, parsePage, toPage } from './protocol/pagination.js';
import { publicationField } from './publication-schemas.js';
import { requirePublication } from './publications.js';

const eventSchema = z
  .object({
    id: z.uuid(),
    publication: z.uuid(),
    digest: z.uuid().nullable().meta({ description: 'Null: it is about a single mail.' }),
    notice: z.uuid().nullable().meta({ description: 'The single mail, such as a confirmation.' }),
    subscription: z.uuid().nullable(),
    class: z.enum(eventClasses),
    scope: z.enum(eventScopes).meta({ description: 'Whom it is about: one mailbox, its domain, or us.' }),
    status: z.string().nullable().meta({ description: 'The enhanced status (RFC 3463).' }),
    code: z.int().nullable().meta({ description: 'The SMTP code.' }),
    reason: z.string().nullable().meta({ description: 'The words of the server or provider, without addresses.' }),
    source: z.enum(eventSources),
    match: z.enum(eventMatches).meta({
      description: '`delivery` and `notice` count; the others say why an event changes nothing.',
    }),
    occurredAt: z.date(),
    receivedAt: z.date(),
  })
  .meta({ id: 'Event', description: 'What was heard of a mail after its server had accepted it.' });

export const eventEndpoints = [
  endpoint({
    method: 'get',
    path: '/events',
    operationId: 'listEvents',
    summary: 'Bounces, complaints and what else came back of accepted mail, newest first.',
    scope: 'read',
    query: z.strictObject({
      publication: publicationField.optional(),
      digest: z.uuid().optional(),
      subscription: z.uuid().optional(),
      class: z.enum(eventClasses).optional(),
      ...pageQuery,
    }),
    responses: { 200: { description: 'A page of events.', schema: pageSchema(eventSchema) } },
    handle: async ({ db }, { query }, { publicationIds }) => {
      const page = parsePage(query);
      const { publication, digest: digestId, subscription: subscriptionId } = query;
      const asked = publication === undefined ? publicationIds : [(await requirePublication({ db }, publication)).id];
      const filter = { publicationIds: asked, digestId, subscriptionId, class: query.class };
      const rows = await listEvents(db, filter, { before: page.before, limit: page.limit + 1 });
      return { status: 200, body: toPage(rows, page, eventToJson) };
    },
  }),
];

function eventToJson({ publicationId, digestId, noticeId, subscriptionId, ...row }: ListedEvent) {
  return { ...row, publication: publicationId, digest: digestId, notice: noticeId, subscription: subscriptionId };
}
