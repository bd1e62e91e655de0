/** A company that sends mail for others, by the host of its SMTP server. */
export type MailProvider = {
  name: string;
  /** What an SPF record includes to let its servers pass. */
  spf: string;
  /**
   * It puts an address of its own into the envelope, so that its own SPF record counts; the domain in From is vouched for by
   * DKIM alone (https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-spf.html).
   */
  hasOwnEnvelope: boolean;
  /** It signs mail itself, and replaces Message-ID and Date. */
  rewrites?: boolean;
};

const providers: readonly (MailProvider & { host: RegExp })[] = [
  {
    name: 'Amazon SES',
    host: /^email-smtp\..+\.amazonaws\.com(\.cn)?$/,
    spf: 'amazonses.com',
    hasOwnEnvelope: true,
    rewrites: true,
  },
  { name: 'SendGrid', host: /^smtp(\.eu)?\.sendgrid\.net$/, spf: 'sendgrid.net', hasOwnEnvelope: true },
  { name: 'Mailgun', host: /^smtp(\.eu)?\.mailgun\.org$/, spf: 'mailgun.org', hasOwnEnvelope: true },
  {
    name: 'Postmark',
    host: /^smtp(-broadcasts)?\.postmarkapp\.com$/,
    spf: 'spf.mtasv.net',
    hasOwnEnvelope: true,
  },
  {
    name: 'Google Workspace',
    host: /^smtp(-relay)?\.gmail\.com$/,
    spf: '_spf.google.com',
    hasOwnEnvelope: false,
  },
  {
    name: 'Microsoft 365',
    host: /^smtp\.office365\.com$|\.mail\.protection\.outlook\.com$/,
    spf: 'spf.protection.outlook.com',
    hasOwnEnvelope: false,
  },
  { name: 'Fastmail', host: /^smtp\.fastmail\.com$/, spf: 'spf.messagingengine.com', hasOwnEnvelope: false },
];

/** Undefined: a server that we know nothing about. */
export function findProvider(host: string): MailProvider | undefined {
  const bare = host.toLowerCase().replace(/\.$/, '');
  return providers.find((provider) => provider.host.test(bare));
}
