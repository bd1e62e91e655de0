import type { Response } from 'express';
import { providers, type Provider } from '../../../../events/providers/provider.js';
import { providerNames } from '../../../../platform/mail/smtp/providers.js';
import { listHooks, listLastTestBounces } from '../../../../events/providers/reads.js';
import type { Context } from '../../../../platform/context.js';
import { formatWeekdayTime } from '../../../../platform/text/format-dates.js';
import { deskOf, sendServerPage } from '../../frame/desk.js';
import { describeState, describeTestBounce, describeTrouble, TEST_BOUNCE_HELP } from './hook-words.js';
import { setUps } from './set-up-steps.js';

export type HooksPageContext = Pick<Context, 'db' | 'now' | 'templates' | 'publicUrl' | 'mailer'>;

export type ShownOnHooksPage = {
  flash?: string | null;
  /** A secret that was made just now. */
  made?: { provider: Provider; secret: string };
  /** What was pasted, and what is wrong with it. */
  mistake?: { provider: Provider; typed: string; words: string };
};

/** Where each provider sends. */
function hookUrl(publicUrl: string, provider: Provider): string {
  return `${publicUrl}/hooks/${provider}`;
}

/** With the secret as the password of its address (RFC 3986 section 3.2.1). */
function secretUrl(publicUrl: string, provider: Provider, secret: string): string {
  const url = new URL(hookUrl(publicUrl, provider));
  url.username = 'paperround';
  url.password = secret;
  return url.href;
}

export async function sendHooksPage(
  context: HooksPageContext,
  res: Response,
  { flash, made, mistake }: ShownOnHooksPage,
): Promise<void> {
  const { publications } = deskOf(res);
  const { publicUrl } = context;
  const used = new Set(context.mailer.transports.map(({ settings }) => settings.provider));
  sendServerPage(context, res, 'dashboard-hooks', {
    flash: flash ?? null,
    made: made && {
      name: providerNames[made.provider],
      url: secretUrl(publicUrl, made.provider, made.secret),
      secret: made.secret,
      plainUrl: hookUrl(publicUrl, made.provider),
    },
    mistake: mistake ?? null,
    hooks: await readRows(context, publications[0]?.timezone ?? 'UTC'),
    publications: publications.map(({ slug, name }) => ({ slug, name })),
    testHelp: TEST_BOUNCE_HELP,
    providers: providers.map((provider) => ({
      id: provider,
      name: providerNames[provider],
      url: hookUrl(publicUrl, provider),
      ...setUps[provider],
      isOpen: mistake === undefined ? used.has(provider) : mistake.provider === provider,
      typed: mistake?.provider === provider ? mistake.typed : '',
      mistake: mistake?.provider === provider ? mistake.words : null,
    })),
  });
}

async function readRows({ db, now }: Pick<Context, 'db' | 'now'>, timezone: string) {
  const tests = new Map((await listLastTestBounces(db)).map((test) => [test.hookId, test]));
  const formatTime = (at: Date) => formatWeekdayTime(at, timezone, 'en');
  return (await listHooks(db)).map((hook) => {
    const test = tests.get(hook.id);
    return {
      id: hook.id,
      name: providerNames[hook.provider],
      topicArn: hook.topicArn,
      isAmazon: hook.provider === 'ses',
      hasSecret: hook.secretHash !== null,
      state: describeState(hook, now()),
      trouble: describeTrouble(hook, formatTime),
      test: test === undefined ? null : describeTestBounce(test, now()),
    };
  });
}
