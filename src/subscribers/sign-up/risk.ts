/** What may speak against a sign-up. None of it is proof: an operator decides on what is held. */
export type RiskReason = 'disposable' | 'too-fast' | 'machine-made' | 'busy-network' | 'unproved';

/**
 * One reason of 40 points holds nobody: people do use throw-away addresses, let the browser fill in a form, have a name of
 * digits, and sign up by the dozen at an open day. Two of them hold, and so does the missing proof of work in an attack.
 */
const POINTS_BY_REASON: Readonly<Record<RiskReason, number>> = {
  disposable: 40,
  'too-fast': 40,
  'busy-network': 40,
  'machine-made': 20,
  unproved: 100,
};
const MIN_POINTS_TO_HOLD = 80;

/** To read a line, type an address and find the button takes a person longer. */
const MIN_FILL_IN_MS = 2000;
/** From so many in an hour on, the sign-ups of a network have this reason. */
const MIN_BUSY_NETWORK_SIGN_UPS = 30;

export type RiskSignals = {
  localPart: string;
  isDisposable: boolean;
  /** Milliseconds between making the page and sending its form; undefined for forms on other sites. */
  filledInMs: number | undefined;
  /** Sign-ups from her network within the hour, with this one. */
  signUpsFromNetwork: number;
  /** The publication is under attack, and the form came without a solved proof of work. */
  isWithoutProof: boolean;
};

export type Risk = { points: number; reasons: RiskReason[]; held: boolean };

/** Depends on nothing that is known of the address, so that the result tells nobody whether it subscribes. */
export function assessRisk(signals: RiskSignals): Risk {
  const { isDisposable, filledInMs, signUpsFromNetwork, isWithoutProof } = signals;
  const applies: Record<RiskReason, boolean> = {
    disposable: isDisposable,
    'too-fast': filledInMs !== undefined && filledInMs < MIN_FILL_IN_MS,
    'machine-made': looksMachineMade(signals.localPart),
    'busy-network': signUpsFromNetwork >= MIN_BUSY_NETWORK_SIGN_UPS,
    unproved: isWithoutProof,
  };
  const reasons = (Object.keys(applies) as RiskReason[]).filter((reason) => applies[reason]);
  const points = reasons.reduce((sum, reason) => sum + POINTS_BY_REASON[reason], 0);
  return { points, reasons, held: points >= MIN_POINTS_TO_HOLD };
}

/**
 * Whether digits alternate with letters at least four times (x7k2q9wd4f), or seven consonants follow each other (bcdfghjkl).
 * Numbers alone (a phone's, a year's) and letters beyond ASCII are no sign.
 */
export function looksMachineMade(localPart: string): boolean {
  const word = localPart.replace(/\+.*$/, '').toLowerCase();
  if (word.length < 8 || !/^[a-z0-9]+$/.test(word)) return false;
  const changes = word.match(/[a-z](?=[0-9])|[0-9](?=[a-z])/g)?.length ?? 0;
  return changes >= 4 || /[bcdfghjklmnpqrstvwxz]{7}/.test(word);
}
