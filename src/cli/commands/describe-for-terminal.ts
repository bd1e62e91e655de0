import type { Context } from '../../platform/context.js';
import { isWholeServer, type CircuitWithTransport } from '../../transports/circuits/circuit.js';
import { describeCircuit } from '../../transports/circuits/describe-circuit.js';

/** An open circuit in sentences, with the command that closes it. */
export function describeForTerminal(
  { now, templates }: Pick<Context, 'now' | 'templates'>,
  circuit: CircuitWithTransport,
): string[] {
  return describeCircuit(circuit, {
    now: now(),
    formatTime: (moment) => moment.toISOString(),
    resume: `run: ${resumeCommand(circuit)}`,
    words: templates.operatorWords,
  });
}

export function resumeCommand(circuit: Pick<CircuitWithTransport, 'transport' | 'domain'>): string {
  const { transport, domain } = circuit;
  const command = `paperround transport resume ${transport}`;
  return isWholeServer(circuit) ? command : `${command} --domain ${domain}`;
}
