import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Bench } from '../bench.js';
import { median, medianMetric, type Metric } from '../support/metrics.js';
import { cpuSeconds } from '../support/process-usage.js';
import {
  addressOf,
  addressStates,
  withSignUpContext,
  type SignUpContext,
  type ServerUnderTest,
} from './scenario.js';
import type { LoadResult, LoadRequest } from './load-child.js';

const CONNECTIONS = 64;
const WARM_SECONDS = 6;
const SECONDS = 8;
/** A newspaper's busiest hour, many times over. */
const STEADY_RATE = 200;
const STEADY_SECONDS = 10;
const STATES_SECONDS = 12;

/** `rate`: forms a second; `cpu`: microseconds of the web process for each form, without Postgres. */
type Rate = { forms: number; rate: number; cpu: number };
type Run = { ours: Rate; bare: Rate };

/**
 * Forms sent to a real web process, each from a network of its own, against an Express route that only reads the same JSON
 * with zod: in turns, from one process that sends.
 */
export function measureSignUp(bench: Bench): Promise<Metric[]> {
  return withSignUpContext(bench, async (context) => {
    await measureRate(context, context.bare, 'warm', WARM_SECONDS);
    const warm = await measureRate(context, context.ours, 'warm', WARM_SECONDS);
    const runs: Run[] = [];
    for (let run = 1; run <= bench.options.runs; run += 1) {
      const bare = await measureRate(context, context.bare, 'bare', SECONDS);
      const ours = await measureRate(context, context.ours, 'ours', SECONDS);
      runs.push({ ours, bare });
      bench.log(`signup ${run}: ${Math.round(ours.rate)}/s, bare route ${Math.round(bare.rate)}/s`);
    }
    const steady = await measureSteady(context);
    const accepted = [warm, steady, ...runs.map(({ ours }) => ours)].reduce((sum, one) => sum + one.forms, 0);
    const lost = await describeLost(context.db, accepted);
    const metrics = [...rateMetrics(runs), steady.metric, await measureStates(context)];
    return metrics.map((metric) => ({
      bench: 'signup',
      ...metric,
      ...(lost === '' ? {} : { invalid: lost }),
    }));
  });
}

type MetricLine = Omit<Metric, 'bench'>;

function rateMetrics(runs: readonly Run[]): MetricLine[] {
  const line = (what: string, unit: string, of: (run: Run) => number) =>
    medianMetric({ bench: 'signup', what, unit }, runs.map(of));
  const ratio = line('sign-ups / bare route', 'x', ({ ours, bare }) => ours.rate / bare.rate);
  return [
    line('sign-ups', '/s', ({ ours }) => ours.rate),
    line('a bare Express route', '/s', ({ bare }) => bare.rate),
    { ...ratio, target: { min: 0.5 } },
    line('processor time of the web process, a sign-up', 'µs', ({ ours }) => ours.cpu),
    line('processor time of the bare route, a form', 'µs', ({ bare }) => bare.cpu),
  ];
}

/** Forms above the limits of a newsletter would be held, so its counters are reset as fast as they fill. */
async function measureRate(
  context: SignUpContext,
  server: ServerUnderTest,
  name: string,
  seconds: number,
): Promise<Rate> {
  const resetting = setInterval(() => void resetLimits(context.db), 200);
  const before = cpuSeconds(server.pid) ?? Number.NaN;
  try {
    const { accepted, milliseconds } = await sendForms(context, server, {
      connections: CONNECTIONS,
      seconds,
      name,
    });
    const used = (cpuSeconds(server.pid) ?? Number.NaN) - before;
    return { forms: accepted, rate: (accepted * 1000) / milliseconds, cpu: (used * 1e6) / accepted };
  } finally {
    clearInterval(resetting);
  }
}

function resetLimits(db: Db): Promise<unknown> {
  return db.run(sql`update sign_up_limits set points = 0 where points > 500`);
}

async function sendForms(
  { load }: SignUpContext,
  { port }: ServerUnderTest,
  question: Omit<LoadRequest, 'port'>,
): Promise<LoadResult> {
  const answer = await load.request<LoadResult>({ ...question, port });
  if (answer.others > 0) throw new Error(`${answer.others} forms were not accepted.`);
  return answer;
}

/** At a fixed rate, whether or not earlier forms were answered; each wait counts from when the form was due. */
async function measureSteady(context: SignUpContext): Promise<{ forms: number; metric: MetricLine }> {
  await resetLimits(context.db);
  const load = { connections: 16, seconds: STEADY_SECONDS, rate: STEADY_RATE, name: 'steady' };
  const { accepted, times } = await sendForms(context, context.ours, load);
  const value = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)];
  const what = `p95 at a steady ${STEADY_RATE}/s`;
  return {
    forms: accepted,
    metric: { what, value, unit: 'ms', target: { max: 150 }, note: `median ${median(times).toFixed(1)} ms` },
  };
}

/** The six in turn over one connection, so that whatever else the machine does affects all of them alike. */
async function measureStates(context: SignUpContext): Promise<MetricLine> {
  await resetLimits(context.db);
  const emails = addressStates.map(addressOf);
  const load = { connections: 1, seconds: STATES_SECONDS, name: '', emails };
  const { times } = await sendForms(context, context.ours, load);
  const medians = addressStates.map((_, state) =>
    median(times.filter((__, at) => at % emails.length === state)),
  );
  return {
    what: 'medians of six states of an address apart',
    value: Math.max(...medians) - Math.min(...medians),
    unit: 'ms',
    target: { max: 1 },
    note: addressStates.map((state, at) => `${state} ${medians[at]?.toFixed(2)} ms`).join(', '),
  };
}

/** Whether every accepted form is a row and has its job in the outbox; '' when nothing is missing. */
async function describeLost(db: Db, accepted: number): Promise<string> {
  const { recorded, enqueued } = await db.one<{ recorded: number; enqueued: number }>(sql`
    select (select count(*) from sign_up_requests where outcome is null) as recorded,
           (select count(*)
              from sign_up_requests r
              join (select distinct jsonb_array_elements_text(payload -> 'requestIds')::uuid as id
                      from outbox
                     where name = 'answer-sign-ups') p on p.id = r.id) as enqueued
  `);
  if (recorded === accepted && enqueued === accepted) return '';
  return `${accepted} accepted, ${recorded} recorded, ${enqueued} enqueued`;
}
