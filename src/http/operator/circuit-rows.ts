import { nearMomentInWords } from '../../platform/locales.js';
import type { Publication } from '../../publications/publication.js';
import { WHOLE_SERVER, type ShownCircuit } from '../../transports/circuit.js';
import { describeCircuit } from '../../transports/wording.js';

/** What is left alone for now, in an operator's words and in her newsletter's time. */
export function circuitRows(
  circuits: readonly ShownCircuit[],
  { timezone }: Pick<Publication, 'timezone'>,
  now: Date,
) {
  const at = (moment: Date) => nearMomentInWords(moment, timezone, 'en');
  return circuits.map((circuit) => ({
    id: circuit.id,
    what: circuit.domain === WHOLE_SERVER ? circuit.transport : circuit.domain,
    since: at(circuit.openedAt),
    says: describeCircuit(circuit, { now, at, resume: 'press “Resume”.' }),
  }));
}
