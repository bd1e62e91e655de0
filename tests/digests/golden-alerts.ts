import type { ArticleHold } from '../../src/articles/hold.js';
import { reasonForAll } from '../../src/articles/guards.js';
import type { Cause } from '../../src/deliveries/alert.js';
import { tellCause } from '../../src/deliveries/alert-wording.js';
import { whyHold } from '../../src/digests/guards.js';
import { PLAIN_ORDER, type Digest } from '../../src/digests/digest.js';
import type { RenderedEmail } from '../../src/platform/templates.js';
import type { ShownCircuit } from '../../src/transports/circuit.js';
import { date, found, lantern, templates } from './golden-cases.js';

const HOUR_MS = 3600 * 1000;
const id = '01999999-0000-7000-8000-000000000301';
const publicationId = lantern.id;
const of = { id, publicationId };

const refusal = '550 5.7.1 Message from <news@lantern.example> to <ada@mail.example> refused by policy';

const digest: Digest = {
  ...PLAIN_ORDER,
  ...of,
  cadence: 'weekly',
  period: '2026-W39',
  state: 'held',
  reason: whyHold({ approval: true, postalAddress: lantern.postalAddress }, 1200, 700) ?? null,
  closesAt: null,
  expiresAt: date,
  keyId: '1',
  createdAt: date,
};

const paused: Digest = { ...digest, state: 'paused', reason: refusal };
const daily: Digest = { ...paused, id: `${id.slice(0, -1)}2`, cadence: 'daily', period: '2026-09-22' };

const circuit: ShownCircuit = {
  id,
  transportId: 1,
  transport: 'primary',
  domain: '',
  kind: 'refused',
  reason: refusal,
  answers: 24,
  against: 20,
  openedAt: date,
  tries: 1,
  closesAt: null,
  closedAt: null,
};

const hold: Omit<ArticleHold, 'count'> = {
  ...of,
  feedId: null,
  code: 'flood',
  reason: reasonForAll('flood', { fresh: 12, inFeed: 30 }, 12),
  heldAt: date,
  titles: ['The regatta of last summer, in pictures', 'A map of the moorings', 'Forty recipes with mussels'],
  feedTitle: 'Marrowby Harbour Museum',
  feedUrl: 'https://museum.lantern.example/feed.xml',
};

const feed = {
  ...of,
  url: 'https://lantern.example/feed.xml?kind=all&page=1',
  failingSince: new Date(date.getTime() - 30 * HOUR_MS),
  failure: 'The site answers 404 Not Found.',
};

const nthFeed = (_: unknown, at: number) => ({
  ...feed,
  url: `https://lantern.example/topics/${at + 1}/feed.xml`,
  failure: at === 1 ? null : 'There is no such name: lantern.example.',
});

const attack = { ...of, beganAt: date, seenAt: date, forms: 640, refused: 512, usual: 2.4 };

/** Everything an operator is alerted of, by the name of its file. */
export const alerts: Record<string, Cause> = {
  'alert-held-digest-en': { ...of, kind: 'held-digest', digest },
  'alert-paused-digest-en': { ...of, kind: 'paused-digest', digest: paused },
  'alert-server-en': { ...of, kind: 'open-circuit', circuit, paused: [paused, daily] },
  'alert-domain-en': {
    ...of,
    kind: 'open-circuit',
    circuit: {
      ...circuit,
      domain: 'mail.example',
      kind: 'bounces',
      answers: 200,
      against: 24,
    },
    paused: [],
  },
  'alert-held-articles-en': { ...of, kind: 'held-articles', hold: { ...hold, count: 12 } },
  'alert-held-article-en': {
    ...of,
    kind: 'held-articles',
    hold: {
      ...hold,
      code: 'old',
      reason: reasonForAll('old', { fresh: 1, inFeed: 30 }, 1),
      count: 1,
      titles: ['A map of the moorings'],
      feedTitle: null,
    },
  },
  'alert-failing-feed-en': { ...of, kind: 'failing-feeds', feeds: [feed] },
  'alert-failing-feeds-en': { ...of, kind: 'failing-feeds', feeds: Array.from({ length: 12 }, nthFeed) },
  'alert-flood-en': { ...of, kind: 'attack', attack: { ...attack, cause: 'flood' }, held: 0 },
  'alert-refusals-en': { ...of, kind: 'attack', attack: { ...attack, cause: 'refusals' }, held: 37 },
};

/** An alert as the operator gets it. */
export function writeAlert(name: string): RenderedEmail {
  const { path, ...told } = tellCause(found(alerts, name), {
    publication: lantern,
    now: date,
    t: (key, values) => templates.t('en', `alertMail.${key}`, values),
  });
  const email = 'an.operator.with.quite.a.long.name@lantern.example';
  return templates.email('alert', 'en', {
    ...told,
    publication: lantern,
    email,
    role: 'editor',
    url: `https://mail.lantern.example${path}`,
    enter: `npx paperround operator link ${email}`,
  });
}
