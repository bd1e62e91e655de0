/** Those that tell by webhook what became of mail. */
export const providerIds = ['ses', 'mailgun', 'postmark', 'sendgrid', 'brevo'] as const;
export type ProviderId = (typeof providerIds)[number];

export const providerNames: Readonly<Record<ProviderId, string>> = {
  ses: 'Amazon SES',
  mailgun: 'Mailgun',
  postmark: 'Postmark',
  sendgrid: 'SendGrid',
  brevo: 'Brevo',
};

/** A company that sends mail for others, by the host of its SMTP server. */
export type MailProvider = {
  id?: ProviderId;
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
  /**
   * Lines of a header whose values come back with what it tells of a mail, and do not reach the reader. For one that names in its
   * webhooks neither our Message-ID nor what its reply to the final dot named.
   * @param id the part of our Message-ID before the @, 82 characters
   */
  echo?: (id: string) => readonly string[];
};

const providers: readonly (MailProvider & { host: RegExp })[] = [
  {
    id: 'ses',
    name: providerNames.ses,
    host: /^(vpce-[\w-]+\.)?email-smtp(-fips)?\..+\.amazonaws\.com(\.cn)?$/,
    spf: 'amazonses.com',
    hasOwnEnvelope: true,
    rewrites: true,
  },
  {
    id: 'sendgrid',
    name: providerNames.sendgrid,
    host: /^smtp(\.eu)?\.sendgrid\.net$/,
    spf: 'sendgrid.net',
    hasOwnEnvelope: true,
  },
  {
    id: 'mailgun',
    name: providerNames.mailgun,
    host: /^smtp(\.eu)?\.mailgun\.org$/,
    spf: 'mailgun.org',
    hasOwnEnvelope: true,
  },
  {
    id: 'brevo',
    name: providerNames.brevo,
    host: /^smtp-relay\.(brevo|sendinblue)\.com$/,
    spf: 'spf.brevo.com',
    hasOwnEnvelope: true,
    // https://developers.brevo.com/docs/transactional-webhooks
    echo: (id) => [`X-Mailin-custom: ${id}`],
  },
  {
    id: 'postmark',
    name: providerNames.postmark,
    host: /^smtp(-broadcasts)?\.postmarkapp\.com$/,
    spf: 'spf.mtasv.net',
    hasOwnEnvelope: true,
    // It replaces Message-ID, which we have signed, unless it is told to keep it; a value has at most 80 characters
    // (https://postmarkapp.com/developer/user-guide/send-email-with-smtp,
    // https://postmarkapp.com/support/article/1125-custom-metadata-faq).
    echo: (id) => [
      'X-PM-KeepID: true',
      `X-PM-Metadata-message-id-1: ${id.slice(0, 60)}`,
      `X-PM-Metadata-message-id-2: ${id.slice(60)}`,
    ],
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

/** What `provider=` of SMTP_URL names. */
export function providerOf(id: ProviderId): MailProvider | undefined {
  return providers.find((provider) => provider.id === id);
}

/** Undefined: a server that we know nothing about. */
export function findProvider(host: string): MailProvider | undefined {
  const bare = host.toLowerCase().replace(/\.$/, '');
  return providers.find((provider) => provider.host.test(bare));
}
