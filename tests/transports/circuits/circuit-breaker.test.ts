import { expect, test } from '@jest/globals';
import { MINUTE_MS } from '../../../src/platform/durations.js';
import type { Outcome } from '../../../src/platform/mail/classify/outcome.js';
import type { Circuit, NewCircuit } from '../../../src/transports/circuits/circuit.js';
import {
  createCircuitBreaker,
  type Finding,
  type CircuitBreaker,
} from '../../../src/transports/circuits/circuit-breaker.js';

const SERVER = 1;
const start = new Date('2026-11-22T10:00:00Z');
const later = (milliseconds: number) => new Date(start.getTime() + milliseconds);

const accepted: Outcome = { kind: 'accepted', reply: '250 ok' };
const refused: Outcome = { kind: 'sender-fault', reply: '554 5.7.1 Blocked' };
const slower: Outcome = { kind: 'deferred', reply: '421 4.7.28 Slow down' };
const unknown: Outcome = { kind: 'rejected', reply: '550 5.1.1 No such user' };

/** Records the same outcome, at so many domains in turn, until there is a finding. Returns after how many. */
function recordOutcomes(
  breaker: CircuitBreaker,
  outcome: Outcome,
  howOften: number,
  domains: readonly string[],
  now = start,
): { after: number; finding: Finding | undefined } {
  for (let at = 0; at < howOften; at += 1) {
    const finding = breaker.recordOutcome(SERVER, domains[at % domains.length] ?? '', outcome, now);
    if (finding !== undefined) return { after: at + 1, finding };
  }
  return { after: howOften, finding: undefined };
}

const many = Array.from({ length: 9 }, (_, at) => `d${at}.example`);
const gmail = ['gmail.example'];

function circuitOf(finding: Finding | undefined): NewCircuit {
  if (finding?.kind !== 'failing') throw new Error('not failing');
  return finding.circuit;
}

/** The circuit as it is stored. */
function opened(circuit: NewCircuit, change: Partial<Circuit> = {}): Circuit {
  return { ...circuit, id: 'c1', openedAt: start, openCount: 1, closedAt: null, ...change };
}

test('554 for everyone opens the circuit of the whole server, with its words, until an operator closes it', () => {
  const { after, finding } = recordOutcomes(createCircuitBreaker(), refused, 50, many);
  expect(after).toBe(20);
  expect(finding).toEqual({
    kind: 'failing',
    circuit: {
      transportId: SERVER,
      domain: '',
      kind: 'refused',
      reason: '554 5.7.1 Blocked',
      replyCount: 20,
      failureCount: 20,
      closesAt: null,
    },
  });
});

test('so does 554 when every reader is at the same domain and the server refuses us before it knows her', () => {
  const outcome = { ...refused, isServerWide: true } as const;
  const { after, finding } = recordOutcomes(createCircuitBreaker(), outcome, 50, gmail);
  expect([after, circuitOf(finding).domain, circuitOf(finding).closesAt]).toEqual([20, '', null]);
});

test('one domain alone, refusing its readers, never stops the server', () => {
  const { after, finding } = recordOutcomes(createCircuitBreaker(), refused, 400, gmail);
  expect([after, circuitOf(finding).domain]).toEqual([20, 'gmail.example']);
});

test('readers whose own mailboxes let no mail of ours in open no circuit, however many', () => {
  const ownRule: Outcome = { kind: 'refused', reply: '550 5.7.133 Sender not authenticated for group' };
  expect(recordOutcomes(createCircuitBreaker(), ownRule, 400, gmail).finding).toBeUndefined();
});

test('so does 554 after a long time without failures', () => {
  const breaker = createCircuitBreaker();
  expect(recordOutcomes(breaker, accepted, 5_000, [...many, ...gmail]).finding).toBeUndefined();
  const { after, finding } = recordOutcomes(breaker, refused, 50, [...many, ...gmail], later(1_000));
  expect(after).toBeLessThanOrEqual(30);
  expect(circuitOf(finding)).toMatchObject({ domain: '', kind: 'refused' });
});

test('only the circuit of a provider that blocks us is opened, for a while', () => {
  const breaker = createCircuitBreaker();
  let found: Finding | undefined;
  for (let at = 0; at < 100 && found === undefined; at += 1) {
    expect(breaker.recordOutcome(SERVER, many[at % 9] ?? '', accepted, start)).toBeUndefined();
    found = breaker.recordOutcome(SERVER, 'gmail.example', refused, start);
  }
  expect(circuitOf(found)).toEqual({
    transportId: SERVER,
    domain: 'gmail.example',
    kind: 'refused',
    reason: '554 5.7.1 Blocked',
    replyCount: 20,
    failureCount: 20,
    closesAt: later(15 * MINUTE_MS),
  });
});

test('so it is when nearly all readers are there and the others’ mail was accepted shortly before', () => {
  const breaker = createCircuitBreaker();
  recordOutcomes(breaker, accepted, 1, ['firm.example']);
  recordOutcomes(breaker, accepted, 200, gmail, later(1_000));
  const { finding } = recordOutcomes(breaker, refused, 60, gmail, later(2_000));
  expect(circuitOf(finding).domain).toBe('gmail.example');
  // What was accepted hours ago does not count.
  const other = createCircuitBreaker();
  recordOutcomes(other, accepted, 1, ['firm.example']);
  const outlook = [...gmail, 'outlook.example'];
  expect(circuitOf(recordOutcomes(other, refused, 60, outlook, later(120 * MINUTE_MS)).finding).domain).toBe(
    '',
  );
});

test('being asked to slow down opens a circuit for a minute, with the words of the server that asks', () => {
  const breaker = createCircuitBreaker();
  recordOutcomes(breaker, accepted, 40, many);
  const { finding } = recordOutcomes(breaker, slower, 60, gmail, later(1_000));
  expect(circuitOf(finding)).toMatchObject({
    domain: 'gmail.example',
    kind: 'throttled',
    reason: '421 4.7.28 Slow down',
    closesAt: later(1_000 + MINUTE_MS),
  });
  expect(circuitOf(recordOutcomes(createCircuitBreaker(), slower, 60, many).finding)).toMatchObject({
    domain: '',
    kind: 'throttled',
    closesAt: later(MINUTE_MS),
  });
});

test('the reply that is stored is of the kind that opened the circuit', () => {
  const breaker = createCircuitBreaker();
  expect(recordOutcomes(breaker, refused, 19, many).finding).toBeUndefined();
  expect(recordOutcomes(breaker, slower, 1, many).finding).toBeUndefined();
  expect(circuitOf(recordOutcomes(breaker, refused, 1, many).finding)).toMatchObject({
    kind: 'refused',
    reason: '554 5.7.1 Blocked',
    replyCount: 21,
    failureCount: 21,
  });
});

test('single refusals among accepted mails, and old ones, open nothing', () => {
  const breaker = createCircuitBreaker();
  for (let at = 0; at < 2_000; at += 1) {
    const outcome = at % 3 === 0 ? refused : accepted;
    expect(breaker.recordOutcome(SERVER, many[at % 7] ?? '', outcome, later(at))).toBeUndefined();
  }
  const slow = createCircuitBreaker();
  for (let at = 0; at < 60; at += 1) {
    expect(slow.recordOutcome(SERVER, 'gmail.example', refused, later(at * 4 * MINUTE_MS))).toBeUndefined();
  }
});

test('broken connections open nothing', () => {
  const breaker = createCircuitBreaker();
  expect(recordOutcomes(breaker, { kind: 'not-sent', reply: 'reset' }, 100, many).finding).toBeUndefined();
  expect(recordOutcomes(breaker, { kind: 'uncertain', reply: 'reset' }, 100, many).finding).toBeUndefined();
  expect(recordOutcomes(breaker, { kind: 'withdrawn' }, 100, many).finding).toBeUndefined();
});

test('servers are watched each for itself', () => {
  const breaker = createCircuitBreaker();
  for (let at = 0; at < 19; at += 1) breaker.recordOutcome(1, 'gmail.example', refused, start);
  expect(breaker.recordOutcome(2, 'gmail.example', refused, start)).toBeUndefined();
  expect(breaker.recordOutcome(1, 'gmail.example', refused, start)).toBeDefined();
});

test('more than 5 % unknown users of a hundred within an hour open the circuit of their domain', () => {
  const breaker = createCircuitBreaker();
  let found: Finding | undefined;
  let replies = 0;
  for (; found === undefined && replies < 300; replies += 1) {
    found = breaker.recordOutcome(SERVER, 'school.example', replies % 10 === 0 ? unknown : accepted, start);
  }
  expect(circuitOf(found)).toEqual({
    transportId: SERVER,
    domain: 'school.example',
    kind: 'bounces',
    reason: '550 5.1.1 No such user',
    replyCount: 100,
    failureCount: 10,
    closesAt: null,
  });
});

test('fewer, or spread over more time or many domains, open nothing', () => {
  const breaker = createCircuitBreaker();
  for (let at = 0; at < 3_000; at += 1) {
    expect(
      breaker.recordOutcome(SERVER, 'school.example', at % 20 === 19 ? unknown : accepted, start),
    ).toBeUndefined();
  }
  for (let at = 0; at < 400; at += 1) {
    expect(breaker.recordOutcome(SERVER, 'slow.example', unknown, later(at * MINUTE_MS))).toBeUndefined();
  }
  const firms = Array.from({ length: 50 }, (_, at) => `f${at}.example`);
  expect(recordOutcomes(breaker, unknown, 2_000, firms).finding).toBeUndefined();
});

test('what opened a circuit does not open it again when it closes, also in a worker that did not find it', () => {
  const [one, two] = [createCircuitBreaker(), createCircuitBreaker()];
  expect(recordOutcomes(two, refused, 19, gmail).finding).toBeUndefined();
  const circuit = opened(circuitOf(recordOutcomes(one, refused, 20, gmail).finding));
  two.gate(SERVER, [circuit], start);
  for (const breaker of [one, two]) {
    breaker.gate(SERVER, [], later(1_000));
    expect(recordOutcomes(breaker, refused, 19, gmail, later(1_000)).finding).toBeUndefined();
    expect(recordOutcomes(breaker, refused, 1, gmail, later(1_000)).finding).toBeDefined();
  }
});

test('only domains with failures are remembered, and of those only the latest', () => {
  const breaker = createCircuitBreaker();
  recordOutcomes(breaker, accepted, 40, many);
  recordOutcomes(breaker, refused, 19, gmail);
  const strangers = Array.from({ length: 600 }, (_, at) => `s${at}.example`);
  recordOutcomes(breaker, accepted, 600, strangers);
  expect(recordOutcomes(breaker, refused, 1, gmail).finding).toBeDefined();
  recordOutcomes(breaker, refused, 19, gmail);
  recordOutcomes(breaker, accepted, 40, many);
  expect(recordOutcomes(breaker, unknown, 600, strangers).finding).toBeUndefined();
  // Its replies were deleted: it begins anew.
  expect(recordOutcomes(breaker, refused, 19, gmail).finding).toBeUndefined();
});

const domainCircuit: Circuit = opened({
  transportId: SERVER,
  domain: 'gmail.example',
  kind: 'refused',
  reason: '554 5.7.1 Blocked',
  replyCount: 20,
  failureCount: 20,
  closesAt: later(15 * MINUTE_MS),
});
const serverCircuit: Circuit = { ...domainCircuit, id: 'c2', domain: '', closesAt: null };

test('without circuits everything is sent; the circuit of a domain stops its own mail, that of the server all', () => {
  const breaker = createCircuitBreaker();
  const free = breaker.gate(SERVER, [], start);
  expect([free.blockedUntil, free.maxMessages, free.admit('gmail.example')]).toEqual([
    undefined,
    Infinity,
    undefined,
  ]);
  const domain = breaker.gate(SERVER, [domainCircuit], start);
  expect([domain.blockedUntil, domain.maxMessages]).toEqual([undefined, Infinity]);
  expect(domain.admit('gmail.example')).toEqual({ until: domainCircuit.closesAt, circuit: domainCircuit });
  expect(domain.admit('firm.example')).toBeUndefined();
  const server = breaker.gate(SERVER, [serverCircuit], start);
  expect([server.blockedUntil, server.maxMessages]).toEqual([later(15 * MINUTE_MS), 0]);
  expect(server.admit('firm.example')).toEqual({ until: later(15 * MINUTE_MS), circuit: serverCircuit });
  expect(breaker.gate(2, [serverCircuit, domainCircuit], start).admit('gmail.example')).toBeUndefined();
});

/** Lets as many pass as may. */
function admitted(breaker: CircuitBreaker, circuits: Circuit[], now: Date): number {
  const gate = breaker.gate(SERVER, circuits, now);
  let count = 0;
  while (count < 100 && gate.admit('gmail.example') === undefined) count += 1;
  return count;
}

test('when its time has come five probes are sent, and no more until they are answered', () => {
  const breaker = createCircuitBreaker();
  const due = later(15 * MINUTE_MS);
  expect(admitted(breaker, [domainCircuit], later(15 * MINUTE_MS - 1))).toBe(0);
  expect(admitted(breaker, [domainCircuit], due)).toBe(5);
  expect(admitted(breaker, [domainCircuit], due)).toBe(0);
  expect(breaker.gate(SERVER, [domainCircuit], due).admit('gmail.example')?.until).toEqual(
    later(16 * MINUTE_MS),
  );
  expect(breaker.gate(SERVER, [domainCircuit], due).admit('firm.example')).toBeUndefined();
  // Probes without an answer are replaced after a minute.
  expect(admitted(breaker, [domainCircuit], later(17 * MINUTE_MS))).toBe(5);
});

test('three of the probes decide', () => {
  const due = later(15 * MINUTE_MS);
  const after = (...outcomes: Outcome[]) => {
    const breaker = createCircuitBreaker();
    admitted(breaker, [domainCircuit], due);
    return outcomes.map((outcome) => breaker.recordOutcome(SERVER, 'gmail.example', outcome, due)?.kind);
  };
  expect(after(accepted, refused, accepted, unknown)).toEqual([undefined, undefined, undefined, 'recovered']);
  expect(after(accepted, refused, slower, accepted, refused)).toEqual([...Array(4), 'still-failing']);
  expect(after(refused, refused, refused)).toEqual([undefined, undefined, 'still-failing']);
});

test('probes decide also when they are answered a few at a time', () => {
  const breaker = createCircuitBreaker();
  for (const minute of [15, 30, 45]) {
    const gate = breaker.gate(SERVER, [domainCircuit], later(minute * MINUTE_MS));
    expect(gate.admit('gmail.example')).toBeUndefined();
    const finding = breaker.recordOutcome(SERVER, 'gmail.example', accepted, later(minute * MINUTE_MS));
    expect(finding?.kind).toBe(minute === 45 ? 'recovered' : undefined);
  }
});

test('a circuit that opened again is probed anew, with nothing counted from before', () => {
  const breaker = createCircuitBreaker();
  admitted(breaker, [domainCircuit], later(15 * MINUTE_MS));
  breaker.recordOutcome(SERVER, 'gmail.example', refused, later(15 * MINUTE_MS));
  const again = { ...domainCircuit, openCount: 2, closesAt: later(60 * MINUTE_MS) };
  expect(admitted(breaker, [again], later(16 * MINUTE_MS))).toBe(0);
  expect(admitted(breaker, [again], later(60 * MINUTE_MS))).toBe(5);
  const results = [refused, refused, refused].map(
    (outcome) => breaker.recordOutcome(SERVER, 'gmail.example', outcome, start)?.kind,
  );
  expect(results).toEqual([undefined, undefined, 'still-failing']);
});

test('probes that were under way when an operator closed it decide nothing', () => {
  const breaker = createCircuitBreaker();
  admitted(breaker, [domainCircuit], later(15 * MINUTE_MS));
  breaker.gate(SERVER, [], later(16 * MINUTE_MS));
  const { after, finding } = recordOutcomes(breaker, refused, 50, gmail, later(16 * MINUTE_MS));
  expect([after, finding?.kind]).toEqual([20, 'failing']);
});

test('a whole server that asked to slow down is probed with a few messages of any domain', () => {
  const breaker = createCircuitBreaker();
  const throttled: Circuit = { ...serverCircuit, kind: 'throttled', closesAt: later(MINUTE_MS) };
  const due = later(MINUTE_MS);
  const first = breaker.gate(SERVER, [throttled], due);
  expect([first.maxMessages, first.blockedUntil]).toEqual([5, undefined]);
  expect(many.slice(0, 6).map((domain) => first.admit(domain)?.until)).toEqual([
    ...Array(5),
    later(2 * MINUTE_MS),
  ]);
  expect(breaker.gate(SERVER, [throttled], due)).toMatchObject({
    maxMessages: 0,
    blockedUntil: later(2 * MINUTE_MS),
  });
  const results = many.slice(0, 3).map((domain) => breaker.recordOutcome(SERVER, domain, slower, due)?.kind);
  expect(results).toEqual([undefined, undefined, 'still-failing']);
});

test('an accepted message costs less than a microsecond', () => {
  const breaker = createCircuitBreaker();
  const domains = Array.from({ length: 1_000 }, (_, at) => `d${at}.example`);
  recordOutcomes(breaker, unknown, 500, domains);
  const now = new Date();
  const howOften = 200_000;
  const rounds = Array.from({ length: 5 }, () => {
    const began = process.hrtime.bigint();
    for (let at = 0; at < howOften; at += 1)
      breaker.recordOutcome(SERVER, domains[at % 1_000] ?? '', accepted, now);
    return Number(process.hrtime.bigint() - began) / 1_000 / howOften;
  });
  expect(Math.min(...rounds)).toBeLessThan(1);
});
