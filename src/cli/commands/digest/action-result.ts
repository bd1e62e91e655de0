import { describeRefusal, type DigestAction, type DigestActionResult } from '../../../digests/transition.js';
import type { Context } from '../../../platform/context.js';
import { CliError } from '../../cli-error.js';

/** What an action on a digest did: as JSON for programs, and in sentences. */
export type ActionReport = { done: object; lines: string[] };

/**
 * Whether the action changed anything.
 * @throws CliError when the digest's state does not allow it, or there is no such digest
 */
export function changedOrThrow(
  { templates }: Pick<Context, 'templates'>,
  action: DigestAction,
  result: DigestActionResult,
): boolean {
  if (result.kind === 'refused') throw new CliError(describeRefusal(action, result, templates.operatorWords));
  if (result.kind === 'unknown') throw new CliError('There is no such digest.');
  return result.kind === 'done';
}
