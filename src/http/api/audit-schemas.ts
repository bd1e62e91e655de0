import { z } from 'zod';
import type { NamedActivity } from '../../operators/activity/activity.js';
import { activityKinds, kindOf, type ActivityKind } from '../../operators/activity/kinds.js';
import { actorKinds } from '../../platform/actor.js';
import { pageQuery } from './protocol/pagination.js';
import { publicationField } from './publication-schemas.js';

const common = {
  id: z.uuid(),
  createdAt: z.date(),
  actor: z.object({
    kind: z.enum(actorKinds),
    id: z.uuid().nullable().meta({ description: 'Of the operator or the token.' }),
    name: z.string().nullable(),
  }),
  publication: z.uuid().nullable().meta({ description: 'Null: it was about the whole server.' }),
  sentence: z.string().meta({ description: 'For an operator.' }),
};

/** One change, as its kind has it. */
function changeSchema(name: ActivityKind) {
  const { subject, description, before, after } = kindOf(name);
  return z
    .object({
      ...common,
      kind: z.literal(name),
      subject: z.object({
        type: z.literal(subject),
        id: z.uuid().nullable().meta({ description: 'Null: several.' }),
        name: z.string().nullable().meta({ description: 'What it is called now.' }),
      }),
      before: before ?? z.null(),
      after: after ?? z.null(),
    })
    .meta({ description });
}

export const auditSchema = z.discriminatedUnion('kind', mapKinds(changeSchema));

/** Every kind, and the noun before its dot, which stands for all of that noun. */
const kindNames = [...activityKinds, ...new Set(activityKinds.map((name) => name.split('.')[0] ?? ''))];

export const auditQuery = z.strictObject({
  publication: publicationField.optional().meta({
    description: 'The id or the slug of a publication; all, and the whole server, where it is left out.',
  }),
  kind: z
    .enum(kindNames, 'is no kind, and no beginning of one up to its dot')
    .meta({ description: 'One, as `digest.approved`, or all of a noun, as `digest`.' })
    .optional(),
  actor: z
    .union([z.enum(actorKinds), z.uuid()])
    .meta({ description: 'What kind of actor, or the id of an operator or a token.' })
    .optional(),
  subject: z.uuid().meta({ description: 'What was changed.' }).optional(),
  since: z.iso.datetime({ offset: true }).meta({ description: 'The first moment, in ISO 8601.' }).optional(),
  ...pageQuery,
});

export function activityToJson(activity: NamedActivity, sentence: string) {
  const { publicationId, subjectType, subjectId, subjectName, ...row } = activity;
  const subject = { type: subjectType, id: subjectId, name: subjectName };
  return { ...row, publication: publicationId, subject, sentence };
}

/** Of a union zod wants to know that it has members. */
function mapKinds<Mapped>(map: (name: ActivityKind) => Mapped): [Mapped, ...Mapped[]] {
  const [first, ...others] = activityKinds;
  if (first === undefined) throw new Error('There are no kinds');
  return [map(first), ...others.map(map)];
}
