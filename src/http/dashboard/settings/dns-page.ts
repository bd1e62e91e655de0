import { findSigner, isCheckOfNow, senderDomains } from '../../../publications/check-sender.js';
import { findCheck } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import type { Context } from '../../../platform/context.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import { sectionsOf } from '../../../publications/check.js';
import type { DnsCheck } from '../../../transports/sender-dns/dns-check.js';
import { dkimKeyState } from '../../../transports/dkim/key.js';
import { listDkimKeysOf } from '../../../transports/dkim/reads.js';

const names: Readonly<Record<DnsCheck['record'], string>> = {
  spf: 'SPF: which servers may send',
  dkim: 'DKIM: the signature',
  dmarc: 'DMARC: what receivers do with false mail',
  mx: 'MX: where replies and bounces go',
  ptr: 'PTR: the name of the sending address',
  tls: 'TLS: whether mail is encrypted on the way to the server',
  'mta-sts': 'MTA-STS: whether what comes back has to be encrypted',
};

/** The part of the sender's page about the DNS: what was found the last time, and what can be done about keys. */
export async function readDnsPart(
  context: Pick<Context, 'db' | 'now'>,
  publication: Publication,
): Promise<TemplateData> {
  const check = await findCheck(context.db, publication.id, 'dns');
  const signer = await findSigner(context, publication);
  const domains = senderDomains(publication);
  const isOfNow = check !== undefined && (await isCheckOfNow(context, publication, check));
  const shown = isOfNow ? sectionsOf(check.result) : [];
  return {
    signer,
    checkedAt: isOfNow ? check.checkedAt : null,
    isOutdated: check !== undefined && !isOfNow,
    domains: shown.map(({ title, checks }) => ({
      domain: title,
      checks: checks.map((one) => ({ ...one, title: names[one.record] })),
    })),
    forServer: describeForServer(publication, shown),
    keys: await readKeyStates(context, domains),
  };
}

/** What to publish, as a text for whoever runs the DNS and the mail server; empty where all is well. */
function describeForServer(
  { name, fromAddress }: Pick<Publication, 'name' | 'fromAddress'>,
  domains: readonly { checks: DnsCheck[] }[],
): string {
  const open = domains.flatMap(({ checks }) => checks.filter(({ status }) => status !== 'good'));
  if (open.length === 0) return '';
  return [`DNS records for ${name} (${fromAddress})`, ...open.map(describeRecord)].join('\n\n');
}

function describeRecord({ type, name, sentence, expected, found }: DnsCheck): string {
  return [
    `${type} ${name}`,
    sentence,
    ...(expected === null ? [] : [`To publish: ${expected}`]),
    ...found.map((text) => `Found: ${text}`),
  ].join('\n');
}

/** Which domains have no keys yet, and which have some that wait for their records. */
async function readKeyStates({ db }: Pick<Context, 'db'>, domains: readonly string[]) {
  const states = await Promise.all(
    domains.map(async (domain) => ({
      domain,
      states: new Set((await listDkimKeysOf(db, domain)).map(dkimKeyState)),
    })),
  );
  return {
    missing: states
      .filter((one) => !one.states.has('waiting') && !one.states.has('signing'))
      .map(({ domain }) => domain),
    waiting: states.filter((one) => one.states.has('waiting')).map(({ domain }) => domain),
  };
}
