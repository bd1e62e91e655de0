import { refusalReason, type DigestAction, type DigestActionResult } from '../../../digests/transition.js';
import { CliError } from '../../cli-error.js';

/** What an operator's word did: for programs, and in sentences. */
export type ActionReport = { done: object; lines: string[] };

/**
 * Whether anything was changed.
 * @throws Refusal when it may not be done
 */
export function changedOrThrow(control: DigestAction, controlled: DigestActionResult): boolean {
  if (controlled.kind === 'refused') throw new CliError(refusalReason(control, controlled.state));
  if (controlled.kind === 'unknown') throw new CliError('There is no such digest.');
  return controlled.kind === 'done';
}
