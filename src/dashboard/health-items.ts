import { describeNextPoll } from '../articles/feeds/health.js';
import { describeFeedFailure } from '../articles/feeds/describe-feed-failure.js';
import { describeCause } from '../deliveries/alerts/describe-cause.js';
import { describeFailedRow } from '../deliveries/alerts/describe-failed-row.js';
import { describeLogDoubts } from '../deliveries/log-doubt.js';
import type { Span, TransportLimits } from '../platform/mail/smtp/smtp-url-parameters.js';
import { countNoun } from '../platform/text/count-noun.js';
import { isWholeServer } from '../transports/circuits/circuit.js';
import { describeCircuit } from '../transports/circuits/describe-circuit.js';
import type { HealthItem, HealthWording } from './health-item.js';
import type { Health, ServerHealth } from './health.js';
import { describeInbound } from './inbound-health-items.js';
import { describeHook } from './hook-health.js';
import { jobOutageSentence } from './job-outage.js';

export type { HealthItem };

export type HealthArea = {
  id: 'mail' | 'inbound' | 'jobs' | 'clock' | 'feeds' | 'rows';
  heading: string;
  items: HealthItem[];
};

/** Everything that was looked at, area by area. */
export function describeHealth(health: Health, wording: HealthWording): HealthArea[] {
  return [
    {
      id: 'mail',
      heading: 'Mail servers',
      items: [
        ...health.servers.flatMap((one) => describeServer(one, wording)),
        ...health.hooks.map((hook) => describeHook(hook, wording)),
        ...describeUndecided(health, wording),
      ],
    },
    { id: 'inbound', heading: 'What comes back', items: describeInbound(health.inbound, wording) },
    { id: 'jobs', heading: 'Queue and jobs', items: describeJobs(health, wording) },
    { id: 'clock', heading: 'Clock and database', items: describeStandstill(health, wording) },
    { id: 'feeds', heading: 'Feeds', items: describeFeeds(health, wording) },
    { id: 'rows', heading: 'Left out', items: describeFailed(health, wording) },
  ];
}

const WELL = { isWell: true, readers: null, todo: [], commands: [] } as const;

function describeServer(server: ServerHealth, wording: HealthWording): HealthItem[] {
  const { templates, now, formatTime, resume } = wording;
  const options = { now, formatTime, words: templates.operatorWords };
  const open = server.circuits.map((circuit): HealthItem => {
    const says = describeCircuit(circuit, { ...options, resume: resume(circuit) });
    const isServer = isWholeServer(circuit);
    return {
      title: isServer ? server.name : `${circuit.domain}, through ${server.name}`,
      isWell: false,
      says: [`Since ${formatTime(circuit.openedAt)}.`, ...says.slice(0, -1)],
      readers: isServer
        ? 'Readers whose mail goes through this server get it later, confirmations too. Nothing is lost.'
        : `Readers with an address at ${circuit.domain} get their mail later. All others get theirs.`,
      todo: says.slice(-1),
      commands: [],
      circuitId: circuit.id,
    };
  });
  if (server.circuits.some(isWholeServer)) return open;
  const says = [describeUse(server, formatTime), describeLimits(server.limits)];
  return [{ ...WELL, title: server.name, says, todo: [], commands: [] }, ...open];
}

/** Mails of which the mail server's log was asked in vain. */
function describeUndecided({ undecided }: Health, { publications }: HealthWording): HealthItem[] {
  return undecided.map(({ digestId, publicationId, doubts }) => ({
    title: `Unclear mails of ${publications.find(({ id }) => id === publicationId)?.name ?? 'a newsletter'}`,
    isWell: false,
    says: ['The mail server’s log does not show whether it took them.', ...describeLogDoubts(doubts)],
    readers: 'These readers may have it, or may not. Nobody gets it twice.',
    todo: ['Decide on the page of the digest. What the log shows later is recorded by itself, for a week.'],
    commands: [`paperround digest resolve ${digestId} --mail-log FILE`],
    publicationId,
    digestId,
  }));
}

function describeUse(
  { firstUsedAt, sentLastDay }: ServerHealth,
  formatTime: HealthWording['formatTime'],
): string {
  if (firstUsedAt === null) return 'No mail has gone through it yet.';
  const counted = sentLastDay === null ? '' : `; ${countNoun(sentLastDay, 'mail')} in the last 24 hours`;
  return `Used since ${formatTime(firstUsedAt)}${counted}.`;
}

const spans: Readonly<Record<Span, string>> = {
  second: 'a second',
  minute: 'a minute',
  hour: 'an hour',
  day: 'a day',
};

function describeLimits(limits: TransportLimits | undefined): string {
  if (limits === undefined) return 'SMTP_URL does not name it any more.';
  const rates = (Object.keys(spans) as Span[]).flatMap((span) =>
    limits.rates[span] === undefined ? [] : [`${limits.rates[span]} ${spans[span]}`],
  );
  const most = rates.length === 0 ? 'No limit is set.' : `At most ${rates.join(', ')}.`;
  return limits.warmUp === undefined
    ? most
    : `${most} It warms up: ${limits.warmUp} on its first day, twice as many on each day after.`;
}

function describeJobs(
  { jobOutage, workerSeenAt, queue, overdue }: Health,
  { templates, formatTime }: HealthWording,
): HealthItem[] {
  const title = `Worker, with a queue on ${queue}`;
  if (jobOutage !== undefined)
    return [
      {
        title,
        isWell: false,
        says: [jobOutageSentence(jobOutage, templates.operatorWords, formatTime)],
        readers:
          'Nobody is mailed anything: sign-ups are taken in, and their confirmations wait. Pages work.',
        todo: [
          jobOutage.cause === 'worker'
            ? 'Ask whoever runs the server to start the worker, and to look at its log.'
            : 'Ask whoever runs the server to look at the queue, and at the worker’s log.',
        ],
        commands: [],
      },
    ];
  const seen = workerSeenAt === undefined ? [] : [`A worker was seen ${formatTime(workerSeenAt)}.`];
  if (overdue.since === null)
    return [{ ...WELL, title, says: [...seen, 'No job waits.'], todo: [], commands: [] }];
  const count = countNoun(overdue.count, 'job');
  return [
    {
      ...WELL,
      title,
      says: [
        ...seen,
        `${overdue.more ? 'More than ' : ''}${count} ${overdue.count === 1 ? 'is' : 'are'} under way or wait, one of them since ${formatTime(overdue.since)}.`,
      ],
      todo: [],
      commands: [],
    },
  ];
}

function describeStandstill(
  { standstill }: Health,
  { templates, now, publications }: HealthWording,
): HealthItem[] {
  const [publication] = publications;
  const items =
    publication === undefined
      ? []
      : standstill.map((cause): HealthItem => {
          const { title, says, choices, commands } = describeCause(cause, {
            publication,
            now,
            t: (key, values) => templates.t('en', `alertMail.${key}`, values),
            words: templates.operatorWords,
          });
          return {
            title,
            isWell: false,
            says,
            readers:
              cause.kind === 'restored'
                ? 'Nobody gets a digest or a mail that was due before; new sign-ups are answered.'
                : 'Nobody gets a digest while the clocks differ; sign-ups are taken in.',
            todo: choices,
            commands: [...commands],
          };
        });
  const has = (kind: string) => standstill.some((cause) => cause.kind === kind);
  return [
    ...items,
    ...(has('wrong-clock')
      ? []
      : [
          {
            ...WELL,
            title: 'Clocks',
            says: ['All processes and the database agree about the time.'],
            todo: [],
            commands: [],
          },
        ]),
    ...(has('restored')
      ? []
      : [
          {
            ...WELL,
            title: 'Database',
            says: ['It is the one that sent the mail so far, and no older copy.'],
            todo: [],
            commands: [],
          },
        ]),
  ];
}

function describeFeeds({ feeds }: Health, { formatTime, publications }: HealthWording): HealthItem[] {
  if (feeds.length === 0)
    return [{ ...WELL, title: 'All feeds', says: ['Each can be read.'], todo: [], commands: [] }];
  return feeds.map((feed) => {
    const publication = publications.find(({ id }) => id === feed.publicationId);
    return {
      title: feed.url,
      isWell: false,
      says: [
        feed.failure === null ? 'It does not answer.' : describeFeedFailure(feed.failure),
        `Since ${formatTime(feed.failingSince)}.`,
      ],
      readers: `Readers of ${publication?.name ?? 'this newsletter'} get nothing new from it.`,
      todo: [
        feed.goneAt === null
          ? `It is looked at again and again by itself. ${describeNextPoll(feed)}`
          : 'Add its new address, or remove it.',
      ],
      commands: [],
      publicationId: feed.publicationId,
    };
  });
}

function describeFailed({ failed }: Health, { formatTime, publications }: HealthWording): HealthItem[] {
  if (failed.length === 0)
    return [
      {
        ...WELL,
        title: 'Nothing is left out',
        says: ['Everything that came in was processed.'],
        todo: [],
        commands: [],
      },
    ];
  return failed.map(({ publicationId, rows }) => ({
    title: publications.find(({ id }) => id === publicationId)?.name ?? '',
    isWell: false,
    says: rows.map(
      (row) =>
        `${describeFailedRow(row)} (${row.code}), since ${formatTime(row.failingSince)}.${
          row.retryAt === null ? ' It is not tried again by itself.' : ''
        }`,
    ),
    readers: 'Only what is named here is left out; nobody else waits for it.',
    todo: ['What is mended is tried again within an hour. The server’s log says where each failed.'],
    commands: [],
    publicationId,
  }));
}
