import type { Digest } from '../digests/digest.js';
import { digestName } from '../digests/digest-name.js';
import { momentInWords } from '../platform/locales.js';
import type { Publication } from '../publications/publication.js';
import { WHOLE_SERVER } from '../transports/circuit.js';
import { describeCircuit, withoutAddresses } from '../transports/wording.js';
import type { Cause } from './alert.js';

/** What an alert says, in the order it is read. */
export type Told = {
  subject: string;
  title: string;
  /** What happened, and what became of readers' mail: a paragraph each. */
  says: string[];
  /** Whoever stopped it, in its own words; null where nobody said anything. */
  reason: string | null;
  choices: string[];
  /** Of the page where she decides, and what its link is called. */
  path: string;
  button: string;
  /** The same from a terminal on the server. */
  commands: string[];
};

type Wording = {
  publication: Publication;
  now: Date;
  /** The words behind a key of `alertMail`. */
  t: (key: string, values?: Record<string, unknown>) => string;
};

type Of<Kind extends Cause['kind']> = Extract<Cause, { kind: Kind }>;

/** A cause for an operator's eyes. Addresses of readers are left out: this is mailed. */
export function tellCause(cause: Cause, wording: Wording): Told {
  switch (cause.kind) {
    case 'held-digest':
      return tellHeld(cause, wording);
    case 'paused-digest':
      return tellPaused(cause, wording);
    case 'open-circuit':
      return tellCircuit(cause, wording);
    case 'held-articles':
      return tellArticles(cause, wording);
    case 'failing-feed':
      return tellFeed(cause, wording);
    case 'attack':
      return tellAttack(cause, wording);
  }
}

function tellHeld({ digest }: Of<'held-digest'>, { publication, t }: Wording): Told {
  return {
    subject: t('held.subject', { publication: publication.name }),
    title: t('held.title'),
    says: [t('held.what', { digest: nameOf(digest) }), t('held.mail')],
    reason: digest.reason,
    choices: [t('held.approve'), t('held.cancel')],
    path: pathOf(digest),
    button: t('decide'),
    commands: commandsFor(['approve', 'cancel'], digest),
  };
}

function tellPaused({ digest }: Of<'paused-digest'>, { publication, t }: Wording): Told {
  return {
    subject: t('paused.subject', { publication: publication.name }),
    title: t('paused.title'),
    says: [t('paused.what', { digest: nameOf(digest) }), t('paused.mail')],
    reason: withoutAddresses(digest.reason ?? ''),
    choices: [t('paused.resume'), t('paused.cancel')],
    path: pathOf(digest),
    button: t('decide'),
    commands: commandsFor(['resume', 'cancel'], digest),
  };
}

/** More are not named: one mail is read, a list of twenty is not. */
const MOST_NAMES = 5;

function tellCircuit({ circuit, paused }: Of<'open-circuit'>, { publication, now, t }: Wording): Told {
  const isWhole = circuit.domain === WHOLE_SERVER;
  const at = (moment: Date) => momentInWords(moment, publication.timezone, 'en');
  const reason = withoutAddresses(circuit.reason);
  const says = describeCircuit({ ...circuit, reason }, { now, at, resume: t('circuit.resume') });
  const [first] = paused;
  const names = paused.slice(0, MOST_NAMES).map((digest) => `“${nameOf(digest)}”`);
  const server = isWhole ? circuit.transport : `${circuit.transport} --domain ${circuit.domain}`;
  return {
    subject: t(isWhole ? 'circuit.subject' : 'circuit.subjectDomain', {
      who: isWhole ? circuit.transport : circuit.domain,
    }),
    title: isWhole ? t('circuit.title') : t('circuit.titleDomain', { who: circuit.domain }),
    says: [
      ...says,
      ...(first === undefined
        ? []
        : [t('circuit.paused', { count: paused.length, names: names.join(', ') })]),
    ],
    reason: null,
    choices: first === undefined ? [] : [t('circuit.resumeDigest')],
    path: first === undefined ? `/operator?publication=${publication.slug}` : pathOf(first),
    button: t('decide'),
    commands:
      first === undefined
        ? [`npx paperround transport resume ${server}`]
        : paused.slice(0, MOST_NAMES).flatMap((digest) => commandsFor(['resume'], digest)),
  };
}

/** How many of many she is offered to release. */
const FEW = 3;

function tellArticles({ hold }: Of<'held-articles'>, { publication, t }: Wording): Told {
  const { id, count, reason } = hold;
  return {
    subject: t('articles.subject', { publication: publication.name, count }),
    title: t('articles.title', { count }),
    says: [t('articles.what', { count }), t('articles.mail', { count })],
    reason,
    choices: [t('articles.choices', { count })],
    path: `/operator/holds/${id}`,
    button: t('decide'),
    commands: [
      `release --held ${id} --all`,
      ...(count > FEW ? [`release --held ${id} --newest ${FEW}`] : []),
      `skip --held ${id}`,
    ].map((words) => `npx paperround article ${words}`),
  };
}

/** No address of a feed stands in a command: what a site chose to be called is not for a shell. */
function tellFeed({ feed }: Of<'failing-feed'>, { publication, t }: Wording): Told {
  const since = momentInWords(feed.failingSince, publication.timezone, 'en');
  return {
    subject: t('feed.subject', { publication: publication.name }),
    title: t('feed.title'),
    says: [t('feed.what', { url: feed.url, since }), t('feed.mail')],
    reason: feed.failure,
    choices: [t('feed.mend'), t('feed.replace')],
    path: `/operator?publication=${publication.slug}#feeds`,
    button: t('look'),
    commands: [`npx paperround feed remove ${feed.id}`],
  };
}

function tellAttack({ attack, held }: Of<'attack'>, { publication, t }: Wording): Told {
  const { forms, refused } = attack;
  const usual = attack.usual < 1 ? 'fewer than one' : `about ${Math.round(attack.usual)}`;
  return {
    subject: t('attack.subject', { publication: publication.name }),
    title: t('attack.title'),
    says: [
      attack.cause === 'refusals'
        ? t('attack.refusals', { forms, refused })
        : t('attack.flood', { forms, usual }),
      t('attack.mail'),
      ...(held > 0 ? [t('attack.held', { count: held })] : []),
    ],
    reason: null,
    choices: [t('attack.review'), t('attack.off')],
    path: `/operator/sign-ups?publication=${publication.slug}`,
    button: t('decide'),
    commands: ['held', 'release --all', 'drop --all'].map(
      (words) => `npx paperround subscriber ${words} --publication ${publication.slug}`,
    ),
  };
}

function nameOf(digest: Digest): string {
  return digestName(digest, digest.subject);
}

function pathOf({ id }: Digest): string {
  return `/operator/digests/${id}`;
}

function commandsFor(verbs: readonly string[], { id }: Digest): string[] {
  return verbs.map((verb) => `npx paperround digest ${verb} ${id}`);
}
