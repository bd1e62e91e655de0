import type { Outcome } from '../platform/mail/outcome.js';
import { WHOLE_SERVER, type Circuit, type NewCircuit } from './circuit.js';
import { createListener, type Listener } from './listen.js';
import { openPassage, type Passage } from './passage.js';
import { createProbes, type Probes, type Verdict } from './probes.js';

/** What the answers so far ask for: a circuit to be opened, or one that was tried again to be closed or kept open. */
export type Finding = { kind: 'trouble'; circuit: NewCircuit } | Verdict;

/** One worker's ear for all servers. Circuits are shared by all workers; what leads to them is each worker's own. */
export type Watch = {
  /** Takes in what became of one message. A finding, which is rare, is for `actOn`. */
  note(transportId: number, domain: string, outcome: Outcome, now: Date): Finding | undefined;
  /** What may pass to this server now. Ask with every reading of the open circuits. */
  passage(transportId: number, circuits: readonly Circuit[], now: Date): Passage;
};

export function createWatch(): Watch {
  const ears = new Map<number, Ear>();
  return {
    note: (transportId, domain, outcome, now) => note(earFor(ears, transportId), domain, outcome, now),
    passage: (transportId, circuits, now) => {
      const { listener, probes } = earFor(ears, transportId);
      const own = circuits.filter((circuit) => circuit.transportId === transportId);
      for (const { domain } of own) listener.forget(domain);
      probes.keepOnly(own);
      return openPassage(own, probes, now);
    },
  };
}

type Ear = { listener: Listener; probes: Probes };

function earFor(ears: Map<number, Ear>, transportId: number): Ear {
  const known = ears.get(transportId);
  if (known !== undefined) return known;
  const ear = { listener: createListener(transportId), probes: createProbes() };
  ears.set(transportId, ear);
  return ear;
}

function note({ listener, probes }: Ear, domain: string, outcome: Outcome, now: Date): Finding | undefined {
  const verdict = probes.hear(domain, outcome) ?? probes.hear(WHOLE_SERVER, outcome);
  if (verdict !== undefined) return verdict;
  const circuit = listener.hear(domain, outcome, now);
  return circuit === undefined ? undefined : { kind: 'trouble', circuit };
}
