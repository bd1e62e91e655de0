import { describeLastRight, isLastRight } from '../../operators/last-right.js';
import { CliError } from '../cli-error.js';

/** Says why a right was not taken from the last who has it. */
export function refuseLastRight({ kind }: { kind: string }): void {
  if (isLastRight(kind)) throw new CliError(`${describeLastRight(kind)} Nothing was changed.`);
}
