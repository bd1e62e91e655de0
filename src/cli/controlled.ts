import { whyRefused, type Control, type Controlled } from '../digests/control.js';
import { Refusal } from './refusal.js';

/** What an operator's word did: for programs, and in sentences. */
export type Report = { done: object; lines: string[] };

/**
 * Whether anything was changed.
 * @throws Refusal when it may not be done
 */
export function settle(control: Control, controlled: Controlled): boolean {
  if (controlled.kind === 'refused') throw new Refusal(whyRefused(control, controlled.state));
  if (controlled.kind === 'unknown') throw new Refusal('There is no such digest.');
  return controlled.kind === 'done';
}

export function mails(count: number): string {
  return `${count} ${count === 1 ? 'mail' : 'mails'}`;
}
