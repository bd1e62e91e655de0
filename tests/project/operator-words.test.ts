import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { holdCodes } from '../../src/articles/article.js';
import {
  describeArticleHold,
  describeHold,
  describeHoldReason,
} from '../../src/articles/release/describe-hold.js';
import { jobOutageSentence } from '../../src/dashboard/job-outage.js';
import { explainCancellation } from '../../src/deliveries/control/cancellation-report.js';
import { describeMailSize } from '../../src/digests/compose/mail-size.js';
import type { HoldReason } from '../../src/digests/digest.js';
import { digestName } from '../../src/digests/display-name.js';
import { describeSendTime } from '../../src/digests/send-time.js';
import { describeStateReason } from '../../src/digests/state-reason.js';
import {
  DIGEST_TRANSITIONS,
  describeRefusal,
  digestActions,
  refusalReason,
} from '../../src/digests/transition.js';
import { describeActivity } from '../../src/operators/activity/describe-activity.js';
import { statesIn } from '../../src/platform/db/transitions.js';
import type { OperatorWords } from '../../src/platform/text/translations.js';
import { describeHeldReason } from '../../src/subscribers/sign-up/held.js';
import type { CircuitKind } from '../../src/transports/circuits/circuit.js';
import { describeCircuit, describeSettingRemedy } from '../../src/transports/circuits/describe-circuit.js';
import { exampleActivities } from '../operators/activity/examples.js';
import { operatorWords } from '../support/operator-words.js';

type Sentences = { [key: string]: string | Sentences };

const file = JSON.parse(readFileSync('templates/locales/en.json', 'utf8')) as { operator: Sentences };
const keys = listKeys(file.operator);

/** The keys that were asked for since the start, plurals by their own names. `words` throws on one that is not there. */
const used = new Set<string>();
const words: OperatorWords = (key, values = {}) => {
  const plural = new Intl.PluralRules('en').select(Number(values['count'] ?? Number.NaN));
  used.add(keys.includes(`${key}_${plural}`) ? `${key}_${plural}` : key);
  const sentence = operatorWords(key, values);
  expect(sentence).not.toMatch(/\{\{|undefined|NaN|null/);
  return sentence;
};

const counts = [1, 2];
const digestCadences = ['operator', 'instant', 'daily', 'weekly', 'monthly'] as const;

test('every code has its sentence in each plural, and every sentence a code', () => {
  for (const state of statesIn(DIGEST_TRANSITIONS))
    for (const action of digestActions) refusalReason(action, state, words);
  describeRefusal('retry', { state: 'closed', isTooOld: true }, words);
  describeRefusal('approve', { state: 'held', isAddressMissing: true }, words);
  describeDigests();
  describeArticles();
  describeCircuits();
  describeRemedies();
  describeCancellations();
  describeActivities();
  for (const since of [null, new Date(0)]) jobOutageSentence({ cause: 'worker', since }, words, String);
  jobOutageSentence({ cause: 'queue', since: new Date(0) }, words, String);
  for (const reason of ['unproved', 'flood', 'disposable', 'too-fast', 'busy-network', 'machine-made'])
    expect(describeHeldReason(reason, words)).not.toBe(reason);
  expect(describeHeldReason('from-before', words)).toBe('from-before');
  expect([...used].toSorted()).toEqual(keys.toSorted());
});

function describeDigests(): void {
  const time = { now: new Date(1), formatTime: String, words };
  for (const state of statesIn(DIGEST_TRANSITIONS))
    for (const cadence of digestCadences)
      for (const sendAt of [null, new Date(0), new Date(2)])
        for (const sentAt of [null, new Date(0)])
          expect(describeSendTime({ state, cadence, sendAt, sentAt }, time)).not.toBe('');
  const digest = { readersBefore: null, pausedBy: null, supersededBy: null, reason: null };
  const reasons: HoldReason[] = ['approval', 'no-postal-address', 'unusual-audience', 'by-hand', 'draft'];
  for (const readers of counts)
    for (const readersBefore of [null, 0, 1, 3])
      describeStateReason({ ...digest, holdReasons: reasons, readers, readersBefore }, words);
  describeStateReason({ ...digest, holdReasons: [], readers: 1, pausedBy: 'operator' }, words);
  describeStateReason({ ...digest, holdReasons: [], readers: 1, supersededBy: '2026-W48' }, words);
  for (const cadence of digestCadences) digestName({ cadence, period: '2026-W48' }, null, words);
  for (const count of counts) {
    const lost = { fullTextsLeftOut: count, picturesLeftOut: count, articlesLeftOut: count };
    describeMailSize({ htmlBytes: 61_000, excerptsShortened: count, ...lost }, words);
  }
}

function describeArticles(): void {
  for (const code of holdCodes) {
    const reason = { code, newItems: 3, totalItems: 4 };
    describeHoldReason(reason, words);
    for (const heldItems of counts) describeHold({ ...reason, heldItems }, words);
  }
  describeArticleHold({ holdReason: null, retraction: 'vanished' }, words);
}

function describeCircuits(): void {
  const [now, later] = [new Date(0), new Date(1)];
  const kinds: CircuitKind[] = ['refused', 'throttled', 'bounces', 'unreachable'];
  const reasons = ['self-signed certificate', '535 5.7.8 Authentication failed', 'connect ECONNREFUSED'];
  for (const kind of kinds)
    for (const domain of ['', 'mail.example'])
      for (const closesAt of [null, now, later])
        for (const openCount of [1, 2, 3]) {
          const reason = reasons[openCount - 1] ?? '';
          const ids = { id: '1', transportId: 1, transport: 'mx.example:25', reason, waiting: openCount - 1 };
          const times = { openedAt: now, closesAt, closedAt: null };
          const circuit = { ...ids, ...times, kind, domain, openCount, replyCount: 24, failureCount: 21 };
          describeCircuit(circuit, { now, formatTime: String, resume: 'press “Resume”.', words });
        }
}

/** What mends a reply that a setting mends. */
function describeRemedies(): void {
  describeSettingRemedy("554 Transaction failed: Duplicate header 'DKIM-Signature'.", words);
  describeSettingRemedy('554 Message rejected: Email address is not verified.', words);
}

function describeCancellations(): void {
  const none = { queued: 0, deferred: 0, rejected: 0, skipped: 0 };
  for (const cadence of digestCadences)
    for (const count of [0, ...counts])
      for (const more of counts) {
        const sent = { planned: count, accepted: count, sending: count, uncertain: count };
        const titles = ['One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven'].slice(0, 5 + more);
        explainCancellation(cadence, { counts: { ...none, ...sent }, keptFrom: count, titles }, words);
      }
}

function describeActivities(): void {
  for (const activity of exampleActivities)
    for (const subjectName of [null, 'Low tide']) {
      const sentence = describeActivity({ ...activity, subjectName }, words, () => '24 December, 07:00');
      expect(sentence).toMatch(/^\S.*\.$/);
      expect(sentence).not.toMatch(/ {2}|: \.|, \./);
    }
}

function listKeys(sentences: Sentences, before = ''): string[] {
  return Object.entries(sentences).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${before}${key}`] : listKeys(value, `${before}${key}.`),
  );
}
