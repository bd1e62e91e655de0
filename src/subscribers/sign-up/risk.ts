/** What may speak against a sign-up. None of it is proof: a person looks at what is held. */
export type RiskReason = 'disposable' | 'too-fast' | 'machine-made' | 'busy-network' | 'unproved';

/**
 * One alone holds nobody: people do use throw-away addresses, let the browser fill in a form, have a name of digits,
 * and sign up by the dozen at an open day. Two of the weightier do; so does a flood that the sender's machine did no
 * work to set itself apart from.
 */
const POINTS_BY_REASON: Readonly<Record<RiskReason, number>> = {
  disposable: 40,
  'too-fast': 40,
  'busy-network': 40,
  'machine-made': 20,
  unproved: 100,
};
const MIN_POINTS_TO_HOLD = 80;

/** A person reads a line, types an address and finds the button: never in less. */
const MIN_FILL_IN_MS = 2000;
/** Sign-ups of one network in an hour, from which on they weigh. */
const MIN_BUSY_NETWORK_SIGN_UPS = 30;

export type RiskSignals = {
  /** What stands before the @. */
  localPart: string;
  isDisposable: boolean;
  /** Milliseconds between making the page and sending its form. Forms on other people's pages cannot say. */
  filledInMs: number | undefined;
  /** Sign-ups from her network within the hour, with this one. */
  signUpsFromNetwork: number;
  /** The newsletter is under attack, and the sender has not solved what it was asked to. */
  isWithoutProof: boolean;
};

export type Risk = { points: number; reasons: RiskReason[]; held: boolean };

/** Weighs the signs. Knows nothing of the address's own past: the answer must not depend on it (S33). */
export function assessRisk(signs: RiskSignals): Risk {
  const { isDisposable, filledInMs, signUpsFromNetwork, isWithoutProof } = signs;
  const seen: Record<RiskReason, boolean> = {
    disposable: isDisposable,
    'too-fast': filledInMs !== undefined && filledInMs < MIN_FILL_IN_MS,
    'machine-made': looksMachineMade(signs.localPart),
    'busy-network': signUpsFromNetwork >= MIN_BUSY_NETWORK_SIGN_UPS,
    unproved: isWithoutProof,
  };
  const reasons = (Object.keys(seen) as RiskReason[]).filter((reason) => seen[reason]);
  const points = reasons.reduce((sum, reason) => sum + POINTS_BY_REASON[reason], 0);
  return { points, reasons, held: points >= MIN_POINTS_TO_HOLD };
}

/**
 * x7k2q9wd4f, bcdfghjkl: digits between letters again and again, or consonants that nobody pronounces. Numbers alone
 * (a phone's, a year's) and letters beyond ASCII say nothing.
 */
export function looksMachineMade(localPart: string): boolean {
  const word = localPart.replace(/\+.*$/, '').toLowerCase();
  if (word.length < 8 || !/^[a-z0-9]+$/.test(word)) return false;
  const changes = word.match(/[a-z](?=[0-9])|[0-9](?=[a-z])/g)?.length ?? 0;
  return changes >= 4 || /[bcdfghjklmnpqrstvwxz]{7}/.test(word);
}
