import { z } from 'zod';

/** Each lane is a queue with workers of its own: a digest to a million readers does not delay a confirmation. */
export const lanes = ['notices', 'feeds', 'digests', 'deliveries'] as const;
export type Lane = (typeof lanes)[number];

type Job = { lane: Lane; payload: z.ZodType; everySeconds?: number };

const id = z.uuid();
/** An operator's word covers what was so when she gave it, not what has changed since. */
const asOf = z.iso.datetime();
const nothing = z.strictObject({});

/** Names are stable: promises made by one version are kept by the next. Payloads are ids; rows carry state. */
const jobs = {
  'answer-sign-ups': {
    lane: 'notices',
    payload: z.strictObject({ requestIds: z.array(id).min(1).max(100) }),
  },
  'watch-sign-ups': { lane: 'notices', payload: nothing, everySeconds: 60 },
  'answer-link-request': { lane: 'notices', payload: z.strictObject({ requestId: id }) },
  'send-welcome': { lane: 'notices', payload: z.strictObject({ consentId: id }) },
  'send-notice': { lane: 'notices', payload: z.strictObject({ noticeId: id }) },
  'alert-operators': { lane: 'notices', payload: nothing, everySeconds: 60 },
  'poll-feed': { lane: 'feeds', payload: z.strictObject({ feedId: id }) },
  'subscribe-hub': { lane: 'feeds', payload: z.strictObject({ feedId: id }) },
  'poll-due': { lane: 'feeds', payload: nothing, everySeconds: 15 },
  'release-articles': { lane: 'digests', payload: z.strictObject({ publicationId: id }) },
  'release-due': { lane: 'digests', payload: nothing, everySeconds: 15 },
  'plan-instant': { lane: 'digests', payload: z.strictObject({ publicationId: id }) },
  'plan-digest': { lane: 'digests', payload: z.strictObject({ digestId: id }) },
  'plan-due': { lane: 'digests', payload: nothing, everySeconds: 60 },
  'resume-paused': { lane: 'digests', payload: nothing, everySeconds: 300 },
  'send-batch': { lane: 'deliveries', payload: z.strictObject({ digestId: id, batch: z.int() }) },
  'cancel-deliveries': { lane: 'digests', payload: z.strictObject({ digestId: id }) },
  'resume-deliveries': { lane: 'digests', payload: z.strictObject({ digestId: id, asOf }) },
  'retry-deliveries': { lane: 'digests', payload: z.strictObject({ digestId: id, asOf }) },
  sweep: { lane: 'digests', payload: nothing, everySeconds: 15 },
  reconcile: { lane: 'digests', payload: nothing, everySeconds: 60 },
  purge: { lane: 'digests', payload: nothing, everySeconds: 3600 },
} as const satisfies Record<string, Job>;

export type JobName = keyof typeof jobs;
export type Payload<Name extends JobName> = z.infer<(typeof jobs)[Name]['payload']>;

/** A job whose payload was checked: its name and payload belong together. */
export type CheckedJob<Name extends JobName = JobName> = {
  [Each in Name]: { name: Each; payload: Payload<Each> };
}[Name];

/** Door two: one operation for every name. A handler may run twice, late, or after the row moved on. */
export type Handlers = { [Name in JobName]: (payload: Payload<Name>) => Promise<void> };

const contract: ReadonlyMap<string, Job> = new Map<string, Job>(Object.entries(jobs));

export const jobNames = Object.keys(jobs) as JobName[];

/** The lane a job runs in. A name this version does not know goes where a worker will log it and put it off. */
export function laneOf(name: string): Lane {
  return contract.get(name)?.lane ?? 'digests';
}

/** Seconds between two promises of a repeated job; undefined for a job that is promised by what happens. */
export function secondsBetween(name: string): number | undefined {
  return contract.get(name)?.everySeconds;
}

/** Checks a job coming in. Undefined: a name this version does not know, or a payload of another shape. */
export function checkJob(name: string, payload: unknown): CheckedJob | undefined {
  const parsed = contract.get(name)?.payload.safeParse(payload);
  return parsed?.success ? ({ name, payload: parsed.data } as CheckedJob) : undefined;
}
