import type { Context } from '../../../platform/context.js';
import { formatWeekdayTime } from '../../../platform/text/format-dates.js';
import type { Publication } from '../../../publications/publication.js';
import { isWholeServer, type CircuitWithTransport } from '../../../transports/circuits/circuit.js';
import { describeCircuit } from '../../../transports/circuits/describe-circuit.js';

/** Open circuits in sentences for operators, with times in the publication's time zone. */
export function circuitRows(
  { templates, now }: Pick<Context, 'templates' | 'now'>,
  circuits: readonly CircuitWithTransport[],
  { timezone }: Pick<Publication, 'timezone'>,
) {
  const at = (moment: Date) => formatWeekdayTime(moment, timezone, 'en');
  const options = { now: now(), formatTime: at, words: templates.operatorWords };
  return circuits.map((circuit) => ({
    id: circuit.id,
    what: isWholeServer(circuit) ? circuit.transport : circuit.domain,
    since: at(circuit.openedAt),
    explanation: describeCircuit(circuit, { ...options, resume: 'press “Resume”.' }),
  }));
}
