import { MINUTE_MS } from '../../platform/durations.js';
import { AFTER_RESTORE_COMMANDS } from '../../platform/restore/installation.js';
import { describeRates } from '../../transports/provider-limits/rates.js';
import type { AlertContent, AlertTextContext, CauseOf } from './content.js';

/** Processes whose clocks are not Postgres'. */
export function describeWrongClock(
  { differences }: CauseOf<'wrong-clock'>,
  { publication, t }: AlertTextContext,
): AlertContent {
  return {
    subject: t('clock.subject'),
    title: t('clock.title'),
    says: [
      ...differences.map(({ owner, aheadMs }) =>
        t(aheadMs > 0 ? 'clock.ahead' : 'clock.behind', {
          owner,
          count: Math.round(Math.abs(aheadMs) / MINUTE_MS),
        }),
      ),
      t('clock.mail'),
    ],
    reason: null,
    choices: [t('clock.fix')],
    path: `/operator/publications/${publication.slug}`,
    button: t('look'),
    // Where systemd keeps the clock.
    commands: ['timedatectl set-ntp true'],
  };
}

/** The database was restored from an older copy, or is a copy. */
export function describeRestored(
  { hold }: CauseOf<'restored'>,
  { publication, t }: AlertTextContext,
): AlertContent {
  return {
    subject: t('restored.subject'),
    title: t('restored.title'),
    says: [t(`restored.${hold.heldReason}`), t('restored.mail')],
    reason: null,
    choices: [t('restored.send'), t('restored.skip')],
    path: `/operator/publications/${publication.slug}`,
    button: t('look'),
    commands: [...AFTER_RESTORE_COMMANDS],
  };
}

/** Records of a sender that were right and are not any more. Mail goes on: many receivers may take it for spam. */
export function describeWorseDns(
  { worse }: CauseOf<'worse-dns'>,
  { publication, t }: AlertTextContext,
): AlertContent {
  const items = worse.map(({ record, name, sentence, expected }) =>
    [
      `${record.toUpperCase()} ${name}:`,
      sentence,
      ...(expected === null ? [] : [t('dns.expected', { expected })]),
    ].join(' '),
  );
  return {
    subject: t('dns.subject', { publication: publication.name }),
    title: t('dns.title'),
    says: [t('dns.what'), t('dns.mail')],
    reason: null,
    list: { lead: t('dns.list'), items },
    choices: [t('dns.fix')],
    path: `/operator/publications/${publication.slug}/settings/sender`,
    button: t('look'),
    commands: [`npx paperround doctor dns --publication ${publication.slug}`],
  };
}

/** Too many complaints or bounces at a provider: its mailboxes get digests slowly, or wait. */
export function describeProviderLimits(
  { limits }: CauseOf<'provider-limits'>,
  { publication, t }: AlertTextContext,
): AlertContent {
  const names = limits.map(({ provider }) => provider).join(', ');
  return {
    subject: t('provider.subject', { providers: names }),
    title: t('provider.title'),
    says: [t('provider.what'), t('provider.mail')],
    reason: null,
    list: {
      lead: t('provider.list'),
      items: limits.map(
        (limit) => `${limit.provider}: ${t(`provider.${limit.state}`)} ${describeRates(limit)}.`,
      ),
    },
    choices: [t('provider.find'), t('provider.lift')],
    path: `/operator/publications/${publication.slug}`,
    button: t('look'),
    commands: ['npx paperround doctor providers'],
  };
}
