import { readActivity } from '../../dashboard/activity.js';
import type { NamedActivity } from '../../operators/activity/activity.js';
import { describeActivity } from '../../operators/activity/describe-activity.js';
import { kindsUnder } from '../../operators/activity/kinds.js';
import { maskAddress, parseAddress } from '../../subscribers/address.js';
import { actorKinds } from '../../platform/actor.js';
import { activityToJson, auditQuery, auditSchema } from './audit-schemas.js';
import { endpoint } from './protocol/endpoint.js';
import { pageSchema, parsePage, toPage } from './protocol/pagination.js';
import { requirePublication } from './publications.js';

export const auditEndpoints = [
  endpoint({
    method: 'get',
    path: '/audit',
    operationId: 'listAudit',
    summary: 'What was changed, by whom and when, newest first. There is no address and no secret in it.',
    scope: 'read',
    query: auditQuery,
    responses: { 200: { description: 'A page of changes.', schema: pageSchema(auditSchema) } },
    handle: async (context, { query }) => {
      const page = parsePage(query);
      const { publication, kind, subject: subjectId, since } = query;
      const filter = {
        publicationId: publication && (await requirePublication(context, publication)).id,
        kinds: kind === undefined ? undefined : kindsUnder(kind),
        actor: query.actor === undefined ? undefined : parseActor(query.actor),
        subjectId,
        since: since === undefined ? undefined : new Date(since),
      };
      const found = await readActivity(context, filter, { before: page.before, limit: page.limit + 1 });
      const rows = found.map(withoutAddresses);
      const { operatorWords } = context.templates;
      return {
        status: 200,
        body: toPage(rows, page, (row) =>
          activityToJson(row, describeActivity(row, operatorWords, toIsoText)),
        ),
      };
    },
  }),
];

/** Who gave no name is called by her address on pages of operators; a token may be anybody's. */
function withoutAddresses(activity: NamedActivity): NamedActivity {
  const { actor, subjectName } = activity;
  return { ...activity, actor: { ...actor, name: masked(actor.name) }, subjectName: masked(subjectName) };
}

function masked(name: string | null): string | null {
  return name !== null && parseAddress(name).kind === 'address' ? maskAddress(name) : name;
}

/** The kind of an actor, or the id of an operator or a token. */
function parseActor(text: string) {
  const kind = actorKinds.find((one) => one === text);
  return kind === undefined ? { id: text } : { kind };
}

function toIsoText(at: Date): string {
  return at.toISOString();
}
