import { credentialChangeKinds } from '../../src/operators/credentials/credential-change.js';
import { DAY_MS, HOUR_MS } from '../../src/platform/durations.js';
import type { RenderedEmail } from '../../src/platform/templates/templates.js';
import { date, findCase, lantern, templates } from './digest-cases.js';

type AccountCase = { kind: string; values: Record<string, unknown> };

const base = 'https://mail.lantern.example/operator';
/** As long as a real one. */
const token = 't'.repeat(82);

/** Every golden mail to operators about accounts, by the beginning of its files' names. */
export const accountMails: Record<string, AccountCase> = Object.fromEntries([
  ...['owner', 'editor', 'viewer', 'administrator'].map((role) => [
    `operator-invitation-${role}-en`,
    {
      kind: 'operator-invitation',
      values: { role, url: `${base}/invitation/${token}`, expiresAt: new Date(date.getTime() + 3 * DAY_MS) },
    },
  ]),
  [
    'operator-recovery-en',
    {
      kind: 'operator-recovery',
      values: { url: `${base}/recovery/${token}`, expiresAt: new Date(date.getTime() + HOUR_MS) },
    },
  ],
  ['forward-en', { kind: 'forward', values: { replyTo: 'editor@lantern.example' } }],
  ...credentialChangeKinds.map((kind) => [
    `operator-change-${kind}-en`,
    { kind: 'operator-change', values: { kind, changedAt: date, url: `${base}/recovery` } },
  ]),
]);

export function writeAccountMail(name: string): RenderedEmail {
  const { kind, values } = findCase(accountMails, name);
  const common = { publication: lantern, email: 'ada@example.com', zone: lantern.timezone };
  return templates.email(kind, 'en', { ...common, server: 'mail.lantern.example', ...values });
}
