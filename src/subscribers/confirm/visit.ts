import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { MINUTE_MS } from '../../platform/durations.js';

/** How long before or after it a press on the button that nobody sees takes back what its visit confirmed. */
export const TRAP_WINDOW_MS = 10 * MINUTE_MS;

/** The number of a visit: 16 random octets in base64url, in one page of a confirmation link. */
export const visitSchema = z.string().regex(/^[\w-]{22}$/);

export function createVisit(): string {
  return randomBytes(16).toString('base64url');
}

/** The presses of one visit. */
export type Visit = {
  visit: string;
  pressedAt: Date | null;
  trappedAt: Date | null;
  /** The consent that its press made. */
  consentId: string | null;
};

/** Whether a press on the button that nobody sees counts now. */
export function isTrapped({ trappedAt }: Pick<Visit, 'trappedAt'>, now: Date): boolean {
  return trappedAt !== null && now.getTime() - trappedAt.getTime() <= TRAP_WINDOW_MS;
}

/** Whether what it confirmed can still be taken back. */
export function isRecent({ pressedAt }: Pick<Visit, 'pressedAt'>, now: Date): boolean {
  return pressedAt !== null && now.getTime() - pressedAt.getTime() <= TRAP_WINDOW_MS;
}
