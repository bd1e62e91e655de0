import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import type { CircuitWithTransport } from '../transports/circuits/circuit.js';

/** One thing that works or does not, for an operator's eyes. */
export type HealthItem = {
  title: string;
  isWell: boolean;
  says: string[];
  /** What readers notice; null where nothing is wrong. */
  readers: string | null;
  todo: string[];
  commands: string[];
  /** Of the circuit that a button closes. */
  circuitId?: string;
  /** Whose rows a button tries again, or whose feeds are meant. */
  publicationId?: string;
  /** Whose page a button leads to. */
  digestId?: string;
};

export type HealthWording = Pick<Context, 'templates'> & {
  /** How the operator closes a circuit: the end of a sentence, with its full stop. */
  resume: (circuit: CircuitWithTransport) => string;
  now: Date;
  formatTime: (moment: Date) => string;
  publications: readonly Publication[];
};
