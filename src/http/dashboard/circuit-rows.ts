import { formatWeekdayTime } from '../../platform/text/format-dates.js';
import type { Publication } from '../../publications/publication.js';
import { isWholeServer, type CircuitWithTransport } from '../../transports/circuits/circuit.js';
import { describeCircuit } from '../../transports/circuits/describe-circuit.js';

/** Open circuits in sentences for operators, with times in the publication's time zone. */
export function circuitRows(
  circuits: readonly CircuitWithTransport[],
  { timezone }: Pick<Publication, 'timezone'>,
  now: Date,
) {
  const at = (moment: Date) => formatWeekdayTime(moment, timezone, 'en');
  return circuits.map((circuit) => ({
    id: circuit.id,
    what: isWholeServer(circuit) ? circuit.transport : circuit.domain,
    since: at(circuit.openedAt),
    explanation: describeCircuit(circuit, { now, formatTime: at, resume: 'press “Resume”.' }),
  }));
}
