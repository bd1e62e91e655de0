import type { RiskReason } from './risk.js';

/** One held sign-up, or all of a publication, or of those all that are held for one reason. */
export type HeldSelection = { id: string } | { publicationId: string; reason?: string | undefined };

const reasonTexts: Readonly<Record<RiskReason | 'flood', string>> = {
  unproved: 'Came during attack mode, from a browser that did not do the work',
  flood: 'Came when far more forms arrived than readers send',
  disposable: 'A throw-away address',
  'too-fast': 'Filled in faster than a person can',
  'busy-network': 'Many sign-ups from the same network within the hour',
  'machine-made': 'The address looks made up by a program',
};

/** Why a sign-up is held, in words for operators. */
export function describeHeldReason(code: string): string {
  return Object.hasOwn(reasonTexts, code) ? reasonTexts[code as keyof typeof reasonTexts] : code;
}
