import type { MailboxProvider } from '../../platform/mail/mailbox-provider.js';

/** What became of the mail to one provider's mailboxes within seven days. */
export type ProviderRates = {
  provider: MailboxProvider;
  accepted: number;
  /** The address does not exist: in the session, or in what came back. */
  bounced: number;
  complained: number;
};

/** `slow`: it gets mail slowly; `paused`: digests to it wait. */
export type ProviderState = 'well' | 'slow' | 'paused';

/** With fewer mails, or fewer events, a share says nothing. */
const MIN_ACCEPTED = 1000;
const MIN_EVENTS = 5;

/**
 * Shares of accepted mail from which on a provider gets mail slowly, and none. Of complaints: those of Google and Yahoo
 * (https://support.google.com/a/answer/81126, https://senders.yahooinc.com/best-practices). Of bounces: about where companies
 * that send for others warn, and stop (https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-bounce-rate.html).
 */
const LINES = {
  complained: { slow: 0.001, paused: 0.003 },
  bounced: { slow: 0.02, paused: 0.05 },
} as const;

/** What follows from the rates of one provider. */
export function judgeRates(rates: Pick<ProviderRates, 'accepted' | 'bounced' | 'complained'>): ProviderState {
  const states = (['complained', 'bounced'] as const).map((what) =>
    judgeShare(rates[what], rates.accepted, LINES[what]),
  );
  return (['paused', 'slow'] as const).find((state) => states.includes(state)) ?? 'well';
}

function judgeShare(
  events: number,
  accepted: number,
  lines: { slow: number; paused: number },
): ProviderState {
  if (accepted < MIN_ACCEPTED || events < MIN_EVENTS) return 'well';
  const share = events / accepted;
  if (share >= lines.paused) return 'paused';
  return share >= lines.slow ? 'slow' : 'well';
}

/** For an operator: `3 complaints in 1,000 accepted mails (0.30 %) and 20 bounces (2.00 %) within seven days`. */
export function describeRates({ accepted, bounced, complained }: Omit<ProviderRates, 'provider'>): string {
  const share = (events: number) => (accepted === 0 ? '0.00' : ((100 * events) / accepted).toFixed(2));
  const count = (events: number) => events.toLocaleString('en');
  return (
    `${count(complained)} complaints in ${count(accepted)} accepted mails (${share(complained)} %) and ` +
    `${count(bounced)} bounces (${share(bounced)} %) within seven days`
  );
}
