import { z } from 'zod';

/** Each lane is a queue with workers of its own: a digest to a million readers does not delay a confirmation. */
export const queueNames = ['notices', 'feeds', 'digests', 'deliveries'] as const;
export type QueueName = (typeof queueNames)[number];

type JobDefinition = { queue: QueueName; payload: z.ZodType; everySeconds?: number };

const id = z.uuid();
/** An operator's word covers what was so when she gave it, not what has changed since. */
const asOf = z.iso.datetime();
const emptyPayload = z.strictObject({});

/** Names are stable: promises made by one version are kept by the next. Payloads are ids; rows carry state. */
const jobDefinitions = {
  'answer-sign-ups': {
    queue: 'notices',
    payload: z.strictObject({ requestIds: z.array(id).min(1).max(100) }),
  },
  'watch-sign-ups': { queue: 'notices', payload: emptyPayload, everySeconds: 60 },
  'answer-link-request': { queue: 'notices', payload: z.strictObject({ requestId: id }) },
  'send-welcome': { queue: 'notices', payload: z.strictObject({ consentId: id }) },
  'send-notice': { queue: 'notices', payload: z.strictObject({ noticeId: id }) },
  'alert-operators': { queue: 'notices', payload: emptyPayload, everySeconds: 60 },
  'poll-feed': { queue: 'feeds', payload: z.strictObject({ feedId: id }) },
  'subscribe-hub': { queue: 'feeds', payload: z.strictObject({ feedId: id }) },
  'poll-due': { queue: 'feeds', payload: emptyPayload, everySeconds: 15 },
  'release-articles': { queue: 'digests', payload: z.strictObject({ publicationId: id }) },
  'release-due': { queue: 'digests', payload: emptyPayload, everySeconds: 15 },
  'plan-instant': { queue: 'digests', payload: z.strictObject({ publicationId: id }) },
  'plan-digest': { queue: 'digests', payload: z.strictObject({ digestId: id }) },
  'plan-due': { queue: 'digests', payload: emptyPayload, everySeconds: 60 },
  'resume-paused': { queue: 'digests', payload: emptyPayload, everySeconds: 300 },
  'send-batch': { queue: 'deliveries', payload: z.strictObject({ digestId: id, batch: z.int() }) },
  'cancel-deliveries': { queue: 'digests', payload: z.strictObject({ digestId: id }) },
  'resume-deliveries': { queue: 'digests', payload: z.strictObject({ digestId: id, asOf }) },
  'retry-deliveries': { queue: 'digests', payload: z.strictObject({ digestId: id, asOf }) },
  sweep: { queue: 'digests', payload: emptyPayload, everySeconds: 15 },
  reconcile: { queue: 'digests', payload: emptyPayload, everySeconds: 60 },
  purge: { queue: 'digests', payload: emptyPayload, everySeconds: 3600 },
} as const satisfies Record<string, JobDefinition>;

export type JobName = keyof typeof jobDefinitions;
export type Payload<Name extends JobName> = z.infer<(typeof jobDefinitions)[Name]['payload']>;

/** A job whose payload was checked: its name and payload belong together. */
export type ParsedJob<Name extends JobName = JobName> = {
  [Each in Name]: { name: Each; payload: Payload<Each> };
}[Name];

/** Door two: one operation for every name. A handler may run twice, late, or after the row moved on. */
export type Handlers = { [Name in JobName]: (payload: Payload<Name>) => Promise<void> };

const definitionsByName: ReadonlyMap<string, JobDefinition> = new Map<string, JobDefinition>(
  Object.entries(jobDefinitions),
);

export const jobNames = Object.keys(jobDefinitions) as JobName[];

/** The lane a job runs in. A name this version does not know goes where a worker will log it and put it off. */
export function queueOf(name: string): QueueName {
  return definitionsByName.get(name)?.queue ?? 'digests';
}

/** Seconds between two promises of a repeated job; undefined for a job that is promised by what happens. */
export function repeatIntervalSeconds(name: string): number | undefined {
  return definitionsByName.get(name)?.everySeconds;
}

/** Checks a job coming in. Undefined: a name this version does not know, or a payload of another shape. */
export function parseJob(name: string, payload: unknown): ParsedJob | undefined {
  const parsed = definitionsByName.get(name)?.payload.safeParse(payload);
  return parsed?.success ? ({ name, payload: parsed.data } as ParsedJob) : undefined;
}
