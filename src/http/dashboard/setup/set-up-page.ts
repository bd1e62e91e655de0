import type { Response } from 'express';
import { describeFeedHealth } from '../../../articles/feeds/health.js';
import { readSetUp, setUpSteps, type SetUp } from '../../../dashboard/set-up.js';
import { findLastTest } from '../../../deliveries/preview/order-test.js';
import type { Context } from '../../../platform/context.js';
import { countNoun } from '../../../platform/text/count-noun.js';
import { formatDateTime } from '../../../platform/text/format-dates.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { FormCheck } from '../../../publications/check.js';
import type { Cadence, Publication } from '../../../publications/publication.js';
import { testToMe } from '../digests/preview/preview-page.js';
import { describeTest, followTest } from '../digests/preview/test-words.js';
import type { PublicationDesk } from '../frame/desk.js';

export type SetUpContext = Pick<Context, 'config' | 'db' | 'now' | 'templates'>;

/** The five steps with their proofs, in sentences. */
export async function describeSetUp(
  context: SetUpContext,
  { publication, operator }: Pick<PublicationDesk, 'publication' | 'operator'>,
  res: Response,
): Promise<TemplateData> {
  const state = await readSetUp(context, publication);
  const last = operator && (await findLastTest(context, operator.id, publication.id));
  followTest(res, last, context.now());
  return {
    next: state.next ?? null,
    done: Object.fromEntries(setUpSteps.map((step) => [step, state.done.has(step)])),
    isLive: publication.liveAt !== null,
    feeds: state.feeds.map((feed) => ({
      title: feed.title ?? feed.url,
      health: describeFeedHealth(feed, context.now()).sentence,
    })),
    newest: state.newest,
    dnsSentence: describeDns(context, publication, state),
    formUrl: state.form?.result.url ?? publication.siteUrl,
    formSentence: state.form === undefined ? null : describeForm(state.form.result),
    test: describeTest(last, publication),
    recipients: testToMe({ operator }),
    first: describeFirst(state, publication),
    released: state.released,
  };
}

function describeDns({ config }: SetUpContext, { timezone }: Publication, { dns }: SetUp): string {
  if (config.smtpUrl === undefined) return 'No mail leaves this computer, so the DNS does not matter yet.';
  if (dns === undefined) return 'Nobody has looked at the DNS of this sender yet.';
  const checks = dns.result.domains.flatMap((one) => one.checks);
  const count = (status: (typeof checks)[number]['status']) =>
    checks.filter((check) => check.status === status).length;
  const parts = [
    `${count('good')} good`,
    ...(count('look') === 0 ? [] : [`${count('look')} to look at`]),
    ...(count('bad') === 0 ? [] : [`${count('bad')} not right`]),
  ];
  return `The DNS was looked at ${formatDateTime(dns.checkedAt, timezone, 'en')}: ${parts.join(', ')}.`;
}

const foundAs: Readonly<Record<Extract<FormCheck, { kind: 'found' }>['how'], string>> = {
  script: 'The form is there, by the script tag.',
  form: 'The form is there, as HTML.',
  hosted: 'This is the sign-up page here, and it works. Put the form on your own pages, too.',
};

function describeForm(check: FormCheck): string {
  switch (check.kind) {
    case 'found':
      return foundAs[check.how];
    case 'link':
      return 'There is a link to the sign-up page on it, and no form.';
    case 'other-newsletter':
      return 'There is a form of Paperround on it, for another newsletter. Copy the one of this newsletter.';
    case 'none': {
      const page = check.title === null ? 'The page' : `The page “${check.title}”`;
      return `${page} was read, and the form is not in it. One that a script of your site puts there cannot be seen from here: look in your own browser.`;
    }
    case 'unreadable':
      return check.reason;
  }
}

/** Who gets what first, once it is live. */
function describeFirst({ readers, released }: SetUp, publication: Publication): string[] {
  if (readers.counts.length === 0)
    return ['There are no readers yet. Who confirms from now on gets what is published after that.'];
  const sentences = readers.counts.map(
    ({ cadence, count }) =>
      `${readers.more ? 'About ' : ''}${countNoun(count, 'reader')}: ${describeRhythm(cadence, publication)}.`,
  );
  return released.length === 0
    ? [...sentences, 'Nobody is mailed at the moment in which you press the button.']
    : sentences;
}

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

function describeRhythm(cadence: Cadence, { hour, weekday, dayOfMonth, timezone }: Publication): string {
  const at = `at the hour that each chose, most at ${String(hour).padStart(2, '0')}:00 (${timezone})`;
  switch (cadence) {
    case 'instant':
      return 'each new article within minutes of coming out';
    case 'daily':
      return `the first digest on the day on which something new comes out, ${at}`;
    case 'weekly':
      return `the first digest on the day of the week that each chose, most on ${weekdays[weekday - 1] ?? 'Monday'}, if something new has come out`;
    case 'monthly':
      return `the first digest on the day of the month that each chose, most on day ${dayOfMonth}, if something new has come out`;
  }
}
