import { listInboundCauses } from '../deliveries/alerts/inbound-causes.js';
import { listReturnCauses } from '../deliveries/alerts/return-causes.js';
import type { AlertCause } from '../deliveries/alerts/alert.js';
import type { Context } from '../platform/context.js';
import { parseImapUrl } from '../platform/mail/inbound/imap-url.js';
import { findLastInbound } from '../platform/mail/inbound/inbound-mails.js';
import {
  findMailbox,
  listFailingMailboxes,
  type FailingMailbox,
} from '../platform/mail/inbound/mailboxes.js';
import type { Publication } from '../publications/publication.js';
import type { ProviderRates } from '../transports/provider-limits/rates.js';
import {
  isInForce,
  listProviderLimits,
  readProviderRates,
  type ProviderLimit,
} from '../transports/provider-limits/reads.js';

/** What is on of hearing what comes back, and how it goes. */
export type InboundHealth = {
  /** Undefined: mails are returned to the sender's address, and nothing is heard of them by mail. */
  domain: string | undefined;
  listener: { port: number; lastAt: Date | undefined } | undefined;
  mailbox: { name: string; readAt: Date | undefined; lastAt: Date | undefined } | undefined;
  /** Also for a minute, before anybody is mailed about it. */
  failing: FailingMailbox[];
  causes: AlertCause[];
  /** Digests of which much came back within a day. */
  returned: AlertCause[];
  /** By the mail of seven days, where there was some. */
  providers: ProviderHealth[];
};

/** What came back of the mail to one mailbox provider, and whether it gets mail as usual. */
export type ProviderHealth = ProviderRates & { limit: ProviderLimit | undefined };

export async function readInboundHealth(
  { config, db, now }: Pick<Context, 'config' | 'db' | 'now'>,
  publications: readonly Publication[],
): Promise<InboundHealth> {
  const { bounceDomain: domain, inboundPort: port, imapUrl } = config;
  const last = new Map((await findLastInbound(db)).map(({ source, receivedAt }) => [source, receivedAt]));
  const account = imapUrl === undefined ? undefined : parseImapUrl(imapUrl);
  const mailbox = account && (await findMailbox(db, account.key));
  return {
    domain,
    listener: port === undefined ? undefined : { port, lastAt: last.get('smtp') },
    mailbox: account && {
      name: account.name,
      readAt: mailbox?.readAt ?? undefined,
      lastAt: last.get('imap'),
    },
    failing: await listFailingMailboxes(db, now()),
    causes: await listInboundCauses(db, publications, now()),
    returned: await listReturnCauses(db, publications, now()),
    providers: await readProviders(db, now()),
  };
}

async function readProviders(db: Context['db'], now: Date): Promise<ProviderHealth[]> {
  const limits = (await listProviderLimits(db)).filter((limit) => isInForce(limit, now));
  const rates = await readProviderRates(db, now);
  return rates
    .filter(({ accepted, bounced, complained }) => accepted + bounced + complained > 0)
    .map((one) => ({ ...one, limit: limits.find(({ provider }) => provider === one.provider) }));
}
