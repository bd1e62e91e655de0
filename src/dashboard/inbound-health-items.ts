import { describeCause } from '../deliveries/alerts/describe-cause.js';
import type { AlertCause } from '../deliveries/alerts/alert.js';
import type { Publication } from '../publications/publication.js';
import { describeRates } from '../transports/provider-limits/rates.js';
import type { HealthItem, HealthWording } from './health-item.js';
import type { InboundHealth } from './inbound-health.js';

const WELL = { isWell: true, readers: null, todo: [], commands: [] };

const READERS =
  'Nothing at once. But whoever cannot be reached is mailed on, and providers think worse of mail from here.';

/** What comes back: by which ways, of which digests much, and of which mailbox providers. */
export function describeInbound(inbound: InboundHealth, wording: HealthWording): HealthItem[] {
  return [
    ...describeWays(inbound, wording),
    ...inbound.returned.flatMap((cause) => describeReturned(cause, wording)),
    ...describeProviders(inbound),
  ];
}

/** Which ways in are on, when mail last came by each, and what cannot be read. */
function describeWays(
  { domain, listener, mailbox, failing, causes }: InboundHealth,
  wording: HealthWording,
): HealthItem[] {
  const { formatTime, now } = wording;
  const lastMail = (at: Date | undefined) =>
    at === undefined
      ? 'No mail has come in there within 30 days.'
      : `The last mail came in ${formatTime(at)}.`;
  if (domain === undefined)
    return [
      {
        ...WELL,
        title: 'By mail',
        says: ['It is off: BOUNCE_DOMAIN is not set, and bounces are heard from providers’ webhooks only.'],
      },
    ];
  const ways: HealthItem[] = [
    ...(listener === undefined
      ? []
      : [{ ...WELL, title: `Port ${listener.port}, for ${domain}`, says: [lastMail(listener.lastAt)] }]),
    ...(mailbox === undefined || failing.length > 0
      ? []
      : [
          {
            ...WELL,
            title: mailbox.name,
            says: [readAtText(mailbox.readAt, formatTime), lastMail(mailbox.lastAt)],
          },
        ]),
  ];
  // The alert waits, as a server may restart; this page does not.
  const unread = failing.map((one) => ({
    kind: 'unread-mailbox' as const,
    id: '',
    publicationId: '',
    mailbox: one,
  }));
  const others = causes.filter(({ kind }) => kind !== 'unread-mailbox');
  const troubles = [...unread, ...others].flatMap((cause) => describeTrouble(cause, { ...wording, now }));
  if (ways.length + troubles.length > 0) return [...ways, ...troubles];
  const says = [
    `Mails are returned to ${domain}, but neither INBOUND_PORT nor IMAP_URL is set: only files are taken in.`,
  ];
  return [{ ...WELL, title: domain, says }];
}

function readAtText(readAt: Date | undefined, formatTime: HealthWording['formatTime']): string {
  return readAt === undefined
    ? 'It was not looked into yet: a worker does each minute.'
    : `Looked into ${formatTime(readAt)}.`;
}

function describeReturned(cause: AlertCause, wording: HealthWording): HealthItem[] {
  const publication = wording.publications.find(({ id }) => id === cause.publicationId);
  if (publication === undefined) return [];
  const { says, choices, commands } = describeFor(publication, cause, wording);
  return [
    {
      title: `Much of a digest of ${publication.name} came back`,
      isWell: false,
      says,
      readers: 'Whoever complained, or has no such mailbox, gets no more mail. All others get theirs.',
      todo: choices,
      commands,
      publicationId: publication.id,
      digestId: cause.id,
    },
  ];
}

function describeProviders({ providers }: InboundHealth): HealthItem[] {
  return providers.map(({ limit, ...rates }) => ({
    title: rates.provider,
    isWell: limit === undefined,
    says: [
      `${describeRates(rates)}.`,
      ...(limit === undefined
        ? []
        : [limit.state === 'slow' ? 'Digests to it go slowly.' : 'Digests to it wait.']),
    ],
    readers:
      limit === undefined ? null : 'Readers with a mailbox there get their digests later. Nothing is lost.',
    todo:
      limit === undefined
        ? []
        : ['Find out what readers did not want. Mail goes as usual once the shares have fallen.'],
    commands: limit === undefined ? [] : ['npx paperround doctor providers'],
  }));
}

function describeFor(publication: Publication, cause: AlertCause, { templates, now }: HealthWording) {
  return describeCause(cause, {
    publication,
    now,
    t: (key, values) => templates.t('en', `alertMail.${key}`, values),
    words: templates.operatorWords,
  });
}

function describeTrouble(cause: AlertCause, wording: HealthWording): HealthItem[] {
  const [publication] = wording.publications;
  if (publication === undefined) return [];
  const { title, says, reason, choices, commands } = describeFor(publication, cause, wording);
  const words = reason === null ? [] : [`It says: ${reason}`];
  return [
    {
      title,
      isWell: false,
      says: [...says, ...words],
      readers: READERS,
      todo: choices,
      commands: [...commands],
    },
  ];
}
