import { z } from 'zod';

/** Each queue has its own workers, so that a digest to a million readers does not delay a confirmation. */
export const queueNames = ['notices', 'feeds', 'digests', 'deliveries'] as const;
export type QueueName = (typeof queueNames)[number];

/** Calls `make` for each queue; returns the results by the queue's name. */
export function mapQueues<Result>(make: (queueName: QueueName) => Result): Record<QueueName, Result> {
  return Object.fromEntries(queueNames.map((name) => [name, make(name)])) as Record<QueueName, Result>;
}

type JobDefinition = { queue: QueueName; payload: z.ZodType };

const id = z.uuid();
/** When the operator decided: rows that changed later are not touched. */
const asOf = z.iso.datetime();
const emptyPayload = z.strictObject({});

/**
 * Names stay the same, because jobs that one version enqueued are run by the next. Payloads are ids; the state is in
 * their rows.
 */
const jobDefinitions = {
  'answer-sign-ups': {
    queue: 'notices',
    payload: z.strictObject({ requestIds: z.array(id).min(1).max(100) }),
  },
  'watch-sign-ups': { queue: 'notices', payload: emptyPayload },
  'answer-link-request': { queue: 'notices', payload: z.strictObject({ requestId: id }) },
  'send-test': { queue: 'notices', payload: z.strictObject({ testId: id }) },
  'erase-events': { queue: 'notices', payload: z.strictObject({ subscriptionId: id }) },
  'send-welcome': { queue: 'notices', payload: z.strictObject({ consentId: id }) },
  'send-notice': { queue: 'notices', payload: z.strictObject({ noticeId: id }) },
  'alert-operators': { queue: 'notices', payload: emptyPayload },
  'post-alert': { queue: 'notices', payload: z.strictObject({ alertId: id }) },
  'mail-invitation': { queue: 'notices', payload: z.strictObject({ invitationId: id }) },
  'answer-recovery': { queue: 'notices', payload: z.strictObject({ recoveryId: id }) },
  'tell-credential-change': { queue: 'notices', payload: z.strictObject({ changeId: id }) },
  heartbeat: { queue: 'notices', payload: emptyPayload },
  'send-test-bounce': { queue: 'notices', payload: z.strictObject({ testId: id }) },
  'record-left-requests': { queue: 'notices', payload: emptyPayload },
  'poll-feed': { queue: 'feeds', payload: z.strictObject({ feedId: id }) },
  'subscribe-hub': { queue: 'feeds', payload: z.strictObject({ feedId: id }) },
  'poll-due': { queue: 'feeds', payload: emptyPayload },
  'poll-mailbox': { queue: 'feeds', payload: emptyPayload },
  'read-inbound': { queue: 'feeds', payload: z.strictObject({ inboundMailId: id }) },
  'release-articles': { queue: 'digests', payload: z.strictObject({ publicationId: id }) },
  'release-due': { queue: 'digests', payload: emptyPayload },
  'plan-instant': { queue: 'digests', payload: z.strictObject({ publicationId: id }) },
  'plan-digest': { queue: 'digests', payload: z.strictObject({ digestId: id }) },
  'plan-due': { queue: 'digests', payload: emptyPayload },
  'resume-paused': { queue: 'digests', payload: emptyPayload },
  'note-mailed': { queue: 'digests', payload: emptyPayload },
  'change-readers': { queue: 'digests', payload: z.strictObject({ changeId: id }) },
  'suppress-file': { queue: 'digests', payload: z.strictObject({ fileId: id }) },
  'import-readers': { queue: 'digests', payload: z.strictObject({ importId: id }) },
  'start-imported': { queue: 'digests', payload: emptyPayload },
  'hash-addresses': { queue: 'digests', payload: emptyPayload },
  'count-due': { queue: 'digests', payload: emptyPayload },
  'send-batch': { queue: 'deliveries', payload: z.strictObject({ digestId: id, batch: z.int() }) },
  'cancel-deliveries': { queue: 'digests', payload: z.strictObject({ digestId: id }) },
  'resume-deliveries': { queue: 'digests', payload: z.strictObject({ digestId: id, asOf }) },
  'retry-deliveries': { queue: 'digests', payload: z.strictObject({ digestId: id, asOf }) },
  sweep: { queue: 'digests', payload: emptyPayload },
  reconcile: { queue: 'digests', payload: emptyPayload },
  purge: { queue: 'digests', payload: emptyPayload },
  'add-up-counts': { queue: 'digests', payload: emptyPayload },
  'check-counts': { queue: 'digests', payload: emptyPayload },
  'judge-providers': { queue: 'digests', payload: emptyPayload },
  'check-senders': { queue: 'feeds', payload: emptyPayload },
} as const satisfies Record<string, JobDefinition>;

export type JobName = keyof typeof jobDefinitions;
export type Payload<Name extends JobName> = z.infer<(typeof jobDefinitions)[Name]['payload']>;

/** A job whose payload has been checked against its name's schema. */
export type ParsedJob<Name extends JobName = JobName> = {
  [Each in Name]: { name: Each; payload: Payload<Each> };
}[Name];

/** The operation of each job. It may run twice, also at the same time, or late, when its row is in another state. */
export type Handlers = { [Name in JobName]: (payload: Payload<Name>) => Promise<void> };

const definitionsByName: ReadonlyMap<string, JobDefinition> = new Map<string, JobDefinition>(
  Object.entries(jobDefinitions),
);

export const jobNames = Object.keys(jobDefinitions) as JobName[];

/** The queue of a job. An unknown name, from a newer version, goes to a queue whose worker logs and postpones it. */
export function queueOf(name: string): QueueName {
  return definitionsByName.get(name)?.queue ?? 'digests';
}

/** Parses a row of the outbox. Undefined for a name that this version does not know, or a payload that does not fit. */
export function parseJob(name: string, payload: unknown): ParsedJob | undefined {
  const parsed = definitionsByName.get(name)?.payload.safeParse(payload);
  return parsed?.success ? ({ name, payload: parsed.data } as ParsedJob) : undefined;
}
