import { countProviderMail } from '../../src/transports/provider-limits/judge-providers.js';
import { listProviderLimits } from '../../src/transports/provider-limits/reads.js';
import { findCheck } from '../../src/publications/reads.js';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { expect } from '@jest/globals';
import PostalMime from 'postal-mime';
import { addFeed } from '../../src/articles/feeds/change-feeds.js';
import { pushArticle } from '../../src/articles/ingest/push-article.js';
import { cancelDigest, pauseDigestByOperator } from '../../src/digests/change-state.js';
import { resumeDigest } from '../../src/deliveries/control/resume-digest.js';
import { retryDigest } from '../../src/deliveries/control/retry-digest.js';
import { countDeliveries } from '../../src/deliveries/reads.js';
import { orderTest } from '../../src/deliveries/preview/order-test.js';
import { unsubscribeToken } from '../../src/deliveries/mail-urls.js';
import { unsubscribeMailbox } from '../../src/deliveries/unsubscribe-mailbox.js';
import { receiveMail } from '../../src/events/inbound/receive-mail.js';
import { sendOperatorDigest } from '../../src/deliveries/plan/operator-digest.js';
import { addHook } from '../../src/events/providers/change-hooks.js';
import { orderTestBounce } from '../../src/events/providers/test-bounce.js';
import { createOperator } from '../../src/operators/accounts.js';
import { changePassword } from '../../src/operators/credentials/passwords.js';
import { inviteToPublication } from '../../src/operators/invitations/invite.js';
import { requestRecovery } from '../../src/operators/recovery/recover.js';
import { sql } from '../../src/platform/db/sql.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/platform/durations.js';
import type { JobName, Payload } from '../../src/platform/jobs/definitions.js';
import { readFile, startFile } from '../../src/subscribers/suppression/add-file.js';
import { prepareReaderChange, startReaderChange } from '../../src/subscribers/together/change-readers.js';
import { addImport } from '../../src/subscribers/import/prepare-import.js';
import { startMailing } from '../../src/subscribers/import/start-mailing.js';
import { bringReaders, prepareImport } from '../support/imports.js';
import { confirmSubscription } from '../../src/subscribers/confirm/confirm.js';
import { requestPreferencesLink } from '../../src/subscribers/preferences/link-request.js';
import { recordTrustedRequest } from '../../src/subscribers/sign-up/record-requests.js';
import { postfixLog, type LoggedMessage } from '../support/postfix-log.js';
import { addArticles, addReader, addReaders, readerAddresses } from '../support/fixtures.js';
import { type ScenarioContext } from './scenario-context.js';
import { recountDeliveries } from '../support/recount-deliveries.js';
import { eventOf, mailArticle, record } from '../support/events.js';
import { listDeliveries } from '../support/deliveries.js';

/** A job with rows that make it necessary. `expectDone` checks that its work was done once. */
export type JobScenario<Name extends JobName> = { payload: Payload<Name>; expectDone(): Promise<void> };

/** A scenario for every job. */
export const jobScenarios: { [Name in JobName]: (scenario: ScenarioContext) => Promise<JobScenario<Name>> } =
  {
    'answer-sign-ups': async (scenario) => {
      const requestId = await requestSignUp(scenario);
      return {
        payload: { requestIds: [requestId] },
        expectDone: () => expectNotices(scenario, 'confirmation'),
      };
    },
    'answer-link-request': async (scenario) => {
      await addReader(scenario.app, scenario.publication, 'ada@example.com');
      const { context } = scenario.app;
      await requestPreferencesLink(context, {
        publicationId: scenario.publication.id,
        email: 'ada@example.com',
      });
      const { id } = await context.db.one<{ id: string }>(sql`select id from link_requests`);
      await context.db.run(sql`delete from outbox`);
      return { payload: { requestId: id }, expectDone: () => expectNotices(scenario, 'manage-link') };
    },
    'watch-sign-ups': async ({ app, publication }) => {
      const { db, now } = app.context;
      await db.run(sql`
      insert into sign_up_counts (publication_id, began_at, outcome, count)
      values (${publication.id}, ${new Date(Math.floor(now().getTime() / 600_000) * 600_000)}, 'recorded', 200)
    `);
      const expectDone = async () =>
        expect(await db.many(sql`select cause, forms from attacks`)).toEqual([
          { cause: 'flood', forms: 200 },
        ]);
      return { payload: {}, expectDone };
    },
    'send-test': async ({ app, publication }) => {
      await addArticles(app, publication, 'Harbour');
      const operator = await createOperator(app.context, {
        email: 'editor@lantern.example',
        name: null,
        grant: 'administrator',
      });
      if (operator === undefined) throw new Error('The operator was there');
      const source = { kind: 'coming' as const, coming: 'now' as const };
      const order = { publication, operator, recipientId: undefined, source, as: {} };
      const ordered = await orderTest(app.context, order);
      const expectDone = async () => {
        expect(await app.context.db.many(sql`select state from test_mails`)).toEqual([{ state: 'accepted' }]);
        expect(app.smtp.messages.map(({ to }) => to)).toEqual(['editor@lantern.example']);
      };
      return { payload: { testId: ordered.kind === 'ordered' ? ordered.id : '' }, expectDone };
    },
    'send-test-bounce': async ({ app, publication }) => {
      const { context } = app;
      const topicArn = 'arn:aws:sns:eu-west-1:123456789012:mail-events';
      const hook = await addHook(context, { provider: 'ses', topicArn });
      const hookId = hook.kind === 'added' ? hook.id : '';
      const ordered = await orderTestBounce(context, { hookId, publicationId: publication.id });
      // The server of this test is none of Amazon's: nothing is sent elsewhere.
      const expectDone = async () => {
        expect(await context.db.many(sql`select state from test_bounces`)).toEqual([{ state: 'failed' }]);
        expect(app.smtp.messages).toEqual([]);
      };
      return { payload: { testId: ordered.kind === 'ordered' ? ordered.id : '' }, expectDone };
    },
    'record-left-requests': async ({ app }) => {
      const { context } = app;
      const hook = await addHook(context, { provider: 'brevo' });
      const body = JSON.stringify({
        event: 'spam',
        email: 'ada@example.com',
        'message-id': '<1@mail.example>',
      });
      await context.db.run(sql`
      insert into provider_requests (hook_id, key, body, received_at, retry_at)
      values (${hook.kind === 'added' ? hook.id : ''}, 'left', ${Buffer.from(body)}, ${context.now()}, ${context.now()})
    `);
      const expectDone = async () => {
        expect(await context.db.many(sql`select class from events`)).toEqual([{ class: 'complaint' }]);
        const left = sql`select id from provider_requests where recorded_at is null`;
        expect(await context.db.many(left)).toEqual([]);
      };
      return { payload: {}, expectDone };
    },
    'erase-events': async ({ app, publication }) => {
      await addReader(app, publication, 'ada@example.com', { cadence: 'instant' });
      const [delivery] = await mailArticle(app, publication, 'Harbour');
      if (delivery === undefined) throw new Error('Nothing was mailed');
      await record(app, eventOf(app, publication, delivery));
      const { db } = app.context;
      await db.run(sql`delete from outbox`);
      const expectDone = async () =>
        expect(await db.many(sql`select match, reason from events`)).toEqual([
          { match: 'delivery', reason: null },
        ]);
      return { payload: { subscriptionId: delivery.subscriptionId }, expectDone };
    },
    'send-welcome': async (scenario) => ({
      payload: { consentId: await confirmReader(scenario) },
      expectDone: () => expectNotices(scenario, 'welcome'),
    }),
    'send-notice': async (scenario) => {
      const { handlers, smtp, context } = scenario.app;
      await handlers['answer-sign-ups']({ requestIds: [await requestSignUp(scenario)] });
      const { id } = await context.db.one<{ id: string }>(sql`select id from notices`);
      return { payload: { noticeId: id }, expectDone: async () => expect(smtp.messages).toHaveLength(1) };
    },
    'alert-operators': async (scenario) => {
      const { context } = scenario.app;
      await createOperator(context, { email: 'eda@example.com', name: null, grant: 'administrator' });
      await planDigest(scenario);
      await context.db.run(sql`update digests set state = 'held', reason = 'Waiting for approval.'`);
      return { payload: {}, expectDone: () => expectOneNoticePerAlert(scenario) };
    },
    'post-alert': async (scenario) => {
      const { feeds, app } = scenario;
      const { config, db } = app.context;
      config.alertUrl = feeds.origin;
      await planDigest(scenario);
      await db.run(sql`update digests set state = 'held', reason = 'Waiting for approval.'`);
      await app.handlers['alert-operators']({});
      const { id } = await db.one<{ id: string }>(sql`select id from alerts`);
      const path = `/alerts/${id}`;
      config.alertUrl = feeds.origin + path;
      feeds.setResponse(path, { status: 204 });
      // One id for all posts: the receiver can tell that they are the same.
      const expectDone = async () => {
        config.alertUrl = undefined;
        const posts = feeds.requests.filter((request) => request.path === path);
        expect([...new Set(posts.map(({ headers }) => headers['webhook-id']))]).toEqual([id]);
      };
      return { payload: { alertId: id }, expectDone };
    },
    'mail-invitation': async (scenario) => {
      const { context } = scenario.app;
      const { id: publicationId } = scenario.publication;
      const what = { publicationId, role: 'editor' as const, isAdministrator: false, invitedBy: null };
      const invited = await inviteToPublication(context, { email: 'eda@example.com', ...what });
      await context.db.run(sql`delete from outbox`);
      return {
        payload: { invitationId: invited.kind === 'invited' ? invited.invitation.id : '' },
        expectDone: () => expectNotices(scenario, 'operator-invitation'),
      };
    },
    'answer-recovery': async (scenario) => {
      const { context } = scenario.app;
      await createOperator(context, { email: 'eda@example.com', name: null, grant: 'administrator' });
      await requestRecovery(context, 'Eda@example.com');
      const { id } = await context.db.one<{ id: string }>(sql`select id from operator_recoveries`);
      await context.db.run(sql`delete from outbox`);
      return { payload: { recoveryId: id }, expectDone: () => expectNotices(scenario, 'operator-recovery') };
    },
    'tell-credential-change': async (scenario) => {
      const { context } = scenario.app;
      const account = { email: 'eda@example.com', name: null, grant: 'administrator' as const };
      const operator = await createOperator(context, account);
      if (operator === undefined) throw new Error('There is an operator already');
      await changePassword(context, operator, { password: 'marrowby ferry whispers', keepSid: '' });
      const { id } = await context.db.one<{ id: string }>(sql`select id from operator_credential_changes`);
      await context.db.run(sql`delete from outbox`);
      return { payload: { changeId: id }, expectDone: () => expectNotices(scenario, 'operator-change') };
    },
    heartbeat: async ({ app, feeds }) => {
      app.context.config.heartbeatUrl = `${feeds.origin}/heartbeat`;
      feeds.setResponse('/heartbeat', { status: 200 });
      const expectDone = async () => {
        app.context.config.heartbeatUrl = undefined;
        expect(feeds.requests.filter(({ path }) => path === '/heartbeat').length).toBeGreaterThan(0);
      };
      return { payload: {}, expectDone };
    },
    'poll-feed': async (scenario) => ({
      payload: { feedId: await createFeed(scenario) },
      expectDone: () => expectCount(scenario, 'articles', 3),
    }),
    'subscribe-hub': async (scenario) => {
      const feedId = await createFeed(scenario);
      const hub = `${scenario.feeds.origin}/hub`;
      scenario.feeds.setResponse('/hub', { status: 202 });
      await scenario.app.context.db.run(
        sql`update feeds set hub_url = ${hub}, hub_topic = ${scenario.feeds.url}`,
      );
      const { now } = scenario.app.context;
      const begun = now().getTime();
      // A hub that has never answered is asked again, but not on the same day.
      const expectDone = async () => {
        const asked = scenario.feeds.requests.filter(({ body }) => body.includes(feedId));
        expect(asked).toHaveLength(now().getTime() - begun < DAY_MS ? 1 : 2);
      };
      return { payload: { feedId }, expectDone };
    },
    'poll-due': async (scenario) => {
      const feedId = await createFeed(scenario);
      return { payload: {}, expectDone: () => expectEnqueuedOrDone(scenario, { feedId }, 'articles', 3) };
    },
    'poll-mailbox': async ({ app }) => {
      // Nobody listens there: that it was tried is recorded once.
      app.context.config.imapUrl = 'imap://bounces:secret@127.0.0.1:9/INBOX';
      const expectDone = async () =>
        expect(await app.context.db.many(sql`select name, failure from mailboxes`)).toEqual([
          { name: 'INBOX at 127.0.0.1', failure: 'connection' },
        ]);
      return { payload: {}, expectDone };
    },
    'read-inbound': async ({ app, publication }) => {
      const { context } = app;
      const reader = await addReader(app, publication, 'ada@example.com');
      const mailbox = unsubscribeMailbox(unsubscribeToken(context, reader));
      const raw = Buffer.from('Subject: unsubscribe\r\n\r\n');
      const envelopeTo = [`${mailbox}@bounce.lantern.example`];
      const stored = await receiveMail(context, {
        source: 'smtp',
        raw,
        envelopeFrom: 'x@y.example',
        envelopeTo,
      });
      await context.db.run(sql`delete from outbox`);
      const expectDone = async () => {
        expect(await context.db.many(sql`select status from subscriptions`)).toEqual([
          { status: 'unsubscribed' },
        ]);
        expect(await context.db.many(sql`select state from inbound_mails`)).toEqual([
          { state: 'unsubscribed' },
        ]);
      };
      return { payload: { inboundMailId: stored?.id ?? '' }, expectDone };
    },
    'release-articles': async (scenario) => {
      await pushUnreleasedArticle(scenario);
      return {
        payload: { publicationId: scenario.publication.id },
        expectDone: () => expectReleased(scenario),
      };
    },
    'release-due': async (scenario) => {
      await pushUnreleasedArticle(scenario);
      const publicationId = scenario.publication.id;
      const expectDone = async () => {
        if (!(await isEnqueued(scenario, { publicationId }))) await expectReleased(scenario);
      };
      return { payload: {}, expectDone };
    },
    'plan-instant': async (scenario) => {
      await addReaders(scenario.app, scenario.publication, readerAddresses(3));
      await addArticles(scenario.app, scenario.publication, 'Harbour', 'Storm');
      return {
        payload: { publicationId: scenario.publication.id },
        expectDone: () => expectCount(scenario, 'deliveries', 6),
      };
    },
    'plan-digest': async (scenario) => {
      await addReaders(scenario.app, scenario.publication, readerAddresses(3), { cadence: 'monthly' });
      await addArticles(scenario.app, scenario.publication, 'Harbour', 'Storm');
      const sent = await sendOperatorDigest(scenario.app.context, scenario.publication.id);
      const payload = { digestId: sent.kind === 'sending' ? sent.digestId : '' };
      return { payload, expectDone: () => expectCount(scenario, 'deliveries', 3) };
    },
    'plan-due': async (scenario) => {
      const readers = await addReaders(scenario.app, scenario.publication, readerAddresses(3), {
        cadence: 'daily',
      });
      await addArticles(scenario.app, scenario.publication, 'Harbour', 'Storm');
      const due = readers[0]?.nextDueAt?.getTime() ?? 0;
      scenario.app.advanceClock(due - scenario.app.context.now().getTime());
      return { payload: {}, expectDone: () => expectCount(scenario, 'deliveries', 3) };
    },
    'note-mailed': async (scenario) => {
      const { digestId } = await planDigest(scenario);
      const { context } = scenario.app;
      await context.db.run(sql`update deliveries set state = 'accepted', updated_at = '2026-11-22T07:00Z'`);
      await context.db.run(sql`update digests set state = 'closed' where id = ${digestId}`);
      await recountDeliveries(context.db);
      const expectDone = async () =>
        expect(
          await context.db.one(sql`
            select count(*)::integer as mailed from listed_readers where mailed_month = 2026 * 12 + 11
          `),
        ).toEqual({ mailed: 3 });
      return { payload: {}, expectDone };
    },
    'change-readers': async (scenario) => {
      const { app, publication } = scenario;
      await addReaders(app, publication, readerAddresses(3), { cadence: 'daily' });
      const selection = { publicationId: publication.id, filter: { cadence: 'daily' as const } };
      const { id } = await prepareReaderChange(app.context, selection, 'pause');
      await app.handlers['change-readers']({ changeId: id });
      await startReaderChange(app.context, id);
      const expectDone = async () =>
        expect(
          await app.context.db.one(sql`
            select (select count(*)::integer from subscriptions where status = 'paused') as paused,
                   (select count(*)::integer from activity where kind = 'subscription.paused') as recorded
          `),
        ).toEqual({ paused: 3, recorded: 3 });
      return { payload: { changeId: id }, expectDone };
    },
    'suppress-file': async (scenario) => {
      const { context } = scenario.app;
      const lines = (async function* () {
        yield Buffer.from('ada@example.com\n@trap.example\nnothing\n');
      })();
      const { id } = await readFile(context, { publicationId: null, note: 'old list' }, lines);
      await startFile(context, id);
      await context.db.run(sql`delete from outbox`);
      const expectDone = async () => {
        expect(
          await context.db.many(sql`select reason, source, domain from suppressions order by domain`),
        ).toEqual([
          { reason: 'operator', source: 'file', domain: 'trap.example' },
          { reason: 'operator', source: 'file', domain: null },
        ]);
        const recorded = sql`select after from activity where kind = 'suppression.file-added'`;
        expect(await context.db.many(recorded)).toEqual([
          { after: { added: 2, present: 0, unreadable: 1, everywhere: true, note: 'old list' } },
        ]);
      };
      return { payload: { fileId: id }, expectDone };
    },
    'import-readers': async (scenario) => {
      const { app, publication } = scenario;
      const { id } = await prepareImport(
        app,
        publication,
        'email\nada@example.com\nnobody\nbo@example.com\n',
      );
      await addImport(app.context, id);
      await app.context.db.run(sql`delete from outbox`);
      const expectDone = async () => {
        const read = sql`select status from subscriptions`;
        expect(await app.context.db.many(read)).toEqual([{ status: 'added' }, { status: 'added' }]);
      };
      return { payload: { importId: id }, expectDone };
    },
    'start-imported': async (scenario) => {
      const { app, publication } = scenario;
      const { id } = await bringReaders(app, publication, 'email\nada@example.com\nbo@example.com\n', {
        cadence: 'daily',
      });
      await startMailing(app.context, id, { startAt: app.context.now(), startsPerDay: null });
      const expectDone = async () => {
        const read = sql`select status, next_due_at is not null as is_due from subscriptions`;
        const started = { status: 'confirmed', isDue: true };
        expect(await app.context.db.many(read)).toEqual([started, started]);
      };
      return { payload: {}, expectDone };
    },
    'hash-addresses': async (scenario) => {
      await addReaders(scenario.app, scenario.publication, readerAddresses(3));
      const { db, hashAddress } = scenario.app.context;
      const expectDone = async () => {
        const rows = await db.many<{ emailKey: string; addressHash: Buffer }>(
          sql`select email_key, address_hash from subscribers`,
        );
        expect(rows.length).toBe(3);
        for (const { emailKey, addressHash } of rows) expect(addressHash).toEqual(hashAddress(emailKey));
      };
      return { payload: {}, expectDone };
    },
    'count-due': async (scenario) => {
      // It has so few readers by now that they are counted at each look.
      await scenario.app.context.db.run(sql`
        insert into due_counts (publication_id, cadence, period, due_at, closes_at, readers)
        values (${scenario.publication.id}, 'daily', '2026-11-22', now(), now(), 30000)
      `);
      return { payload: {}, expectDone: () => expectCount(scenario, 'dueCounts', 0) };
    },
    'resume-paused': async (scenario) => {
      await addReaders(scenario.app, scenario.publication, readerAddresses(3), { cadence: 'daily' });
      const { context } = scenario.app;
      const until = context.now();
      await context.db.run(
        sql`update subscriptions set status = 'paused', paused_at = ${until}, paused_until = ${until}`,
      );
      const expectDone = async () =>
        expect(
          await context.db.one(sql`
          select count(*) filter (where status = 'confirmed' and next_due_at is not null) as resumed
            from subscriptions
        `),
        ).toEqual({ resumed: 3 });
      return { payload: {}, expectDone };
    },
    'send-batch': async (scenario) => {
      const { digestId, batch } = await planDigest(scenario);
      const { smtp } = scenario.app;
      const expectDone = async () =>
        expect(smtp.messages.map(({ to }) => to).sort()).toEqual(readerAddresses(3));
      return { payload: { digestId, batch }, expectDone };
    },
    'cancel-deliveries': async (scenario) => {
      const { digestId } = await planDigest(scenario);
      await cancelDigest(scenario.app.context, digestId);
      return { payload: { digestId }, expectDone: () => expectStates(scenario, 'skipped') };
    },
    'resume-deliveries': async (scenario) => {
      const { digestId } = await planDigest(scenario);
      const { context } = scenario.app;
      const later = new Date(context.now().getTime() + DAY_MS);
      await context.db.run(sql`update deliveries set next_attempt_at = ${later}`);
      await context.db.run(sql`update batches set due_at = ${later}`);
      await pauseDigestByOperator(context, digestId);
      await resumeDigest(context, digestId);
      const payload = { digestId, asOf: context.now().toISOString() };
      return { payload, expectDone: () => expectDueOrSent(scenario) };
    },
    'retry-deliveries': async (scenario) => {
      const { digestId } = await planDigest(scenario);
      const { context } = scenario.app;
      await context.db.run(sql`update deliveries set state = 'rejected', attempt = 1`);
      await context.db.run(sql`update batches set due_at = null`);
      await retryDigest(context, digestId);
      const payload = { digestId, asOf: context.now().toISOString() };
      return { payload, expectDone: () => expectDueOrSent(scenario) };
    },
    sweep: async (scenario) => {
      await planDigest(scenario);
      const { context } = scenario.app;
      const lease = new Date(context.now().getTime() - 61_000);
      await context.db.run(sql`update batches set lease_token = ${randomUUID()}, leased_until = ${lease}`);
      await context.db.run(sql`
      update deliveries set state = 'sending', attempt = 1
       where subscription_id = (select min(subscription_id::text)::uuid from deliveries)
    `);
      return { payload: {}, expectDone: () => expectUncertain(scenario) };
    },
    reconcile: async (scenario) => {
      await createUncertainDelivery(scenario);
      return { payload: {}, expectDone: () => expectReconciled(scenario) };
    },
    purge: async (scenario) => {
      await addReader(scenario.app, scenario.publication, 'old@example.com', { status: 'pending' });
      scenario.app.advanceClock(8 * DAY_MS);
      await addReader(scenario.app, scenario.publication, 'new@example.com', { status: 'pending' });
      return { payload: {}, expectDone: () => expectCount(scenario, 'subscriptions', 1) };
    },
    'add-up-counts': async (scenario) => {
      await planDigest(scenario);
      const { db } = scenario.app.context;
      const expectDone = async () =>
        expect(
          await db.one(sql`
            select (select count(*) from count_changes) as changes,
                   (select sum(count)::integer from count_sums where name = 'deliveries') as deliveries
          `),
        ).toEqual({ changes: 0, deliveries: 3 });
      return { payload: {}, expectDone };
    },
    'check-counts': async (scenario) => {
      const { digestId } = await planDigest(scenario);
      const { context } = scenario.app;
      await context.db.run(sql`update deliveries set state = 'accepted', attempt = 1`);
      const expectDone = async () =>
        expect(await countDeliveries(context.db, digestId)).toMatchObject({
          planned: 3,
          queued: 0,
          accepted: 3,
        });
      return { payload: {}, expectDone };
    },
    'judge-providers': async ({ app }) => {
      const { db, now } = app.context;
      const events = [
        ...Array.from({ length: 1000 }, () => ({ domain: 'gmail.com', what: 'accepted' as const })),
        ...Array.from({ length: 5 }, () => ({ domain: 'gmail.com', what: 'complained' as const })),
      ];
      await db.transaction((tx) => countProviderMail(tx, events, now()));
      const expectDone = async () =>
        expect(await listProviderLimits(db)).toMatchObject([{ provider: 'Gmail', state: 'paused' }]);
      return { payload: {}, expectDone };
    },
    'check-senders': async ({ app, publication }) => {
      const expectDone = async () =>
        expect(
          (await findCheck(app.context.db, publication.id, 'dns'))?.result.domains[0]?.checks.length,
        ).toBe(4);
      return { payload: {}, expectDone };
    },
  };

async function requestSignUp({ app, publication }: ScenarioContext): Promise<string> {
  const choices = { locale: null, timezone: null, cadence: null, topics: [], source: null };
  const request = { publicationId: publication.id, email: 'ada@example.com', ...choices };
  return (await recordTrustedRequest(app.context, request)).id;
}

async function confirmReader({ app, publication }: ScenarioContext): Promise<string> {
  const { id, generation } = await addReader(app, publication, 'ada@example.com', { status: 'pending' });
  await confirmSubscription(app.context, {
    subscriptionId: id,
    generation,
    publication,
    wording: 'Yes, please.',
  });
  return (await app.context.db.one<{ id: string }>(sql`select id from consents`)).id;
}

async function createFeed({ app, publication, feeds }: ScenarioContext): Promise<string> {
  feeds.articles.length = 0;
  feeds.articles.push(...['Harbour', 'Storm', 'Moon'].map((title) => ({ id: title, title })));
  await addFeed(app.context, { publicationId: publication.id, url: feeds.url, includeNewest: 1 });
  return (await app.context.db.one<{ id: string }>(sql`select id from feeds`)).id;
}

async function pushUnreleasedArticle({ app, publication }: ScenarioContext): Promise<void> {
  await pushArticle(app.context, publication, { title: 'Harbour', content: '<p>Told in full.</p>' });
}

/** Three readers of one article, planned and not sent. */
async function planDigest({
  app,
  publication,
}: ScenarioContext): Promise<{ digestId: string; batch: number }> {
  await addReaders(app, publication, readerAddresses(3));
  await addArticles(app, publication, 'Harbour');
  await app.handlers['plan-instant']({ publicationId: publication.id });
  const [first] = await listDeliveries(app);
  if (first === undefined) throw new Error('Nobody was planned');
  return first;
}

async function expectNotices({ app }: ScenarioContext, kind: string): Promise<void> {
  const notices = await app.context.db.many<{ kind: string }>(sql`select kind from notices`);
  expect(notices).toEqual([{ kind }]);
}

/** The only operator gets one notice of each alert. */
async function expectOneNoticePerAlert({ app }: ScenarioContext): Promise<void> {
  const alerts = await app.context.db.many<{ notices: number }>(sql`
    select (select count(*) from notices where cause_id = alerts.id) as notices from alerts
  `);
  expect(alerts.length).toBeGreaterThan(0);
  expect(alerts.every(({ notices }) => notices === 1)).toBe(true);
}

async function expectCount(
  { app }: ScenarioContext,
  table: 'articles' | 'deliveries' | 'subscriptions' | 'dueCounts',
  count: number,
): Promise<void> {
  const found = await app.context.db.one<Record<typeof table, number>>(sql`
    select (select count(*) from articles) as articles,
           (select count(*) from deliveries) as deliveries,
           (select count(*) from subscriptions) as subscriptions,
           (select count(*) from due_counts) as due_counts
  `);
  expect(found[table]).toBe(count);
}

async function isEnqueued({ app }: ScenarioContext, payload: object): Promise<boolean> {
  const rows = await app.context.db.many(
    sql`select id from outbox where payload = ${JSON.stringify(payload)}::jsonb and name <> 'plan-instant'`,
  );
  return rows.length > 0;
}

/** The job only enqueues another: that one is in the outbox, or has run. */
async function expectEnqueuedOrDone(
  scenario: ScenarioContext,
  payload: object,
  table: 'articles',
  count: number,
): Promise<void> {
  if (!(await isEnqueued(scenario, payload))) await expectCount(scenario, table, count);
}

async function expectReleased({ app }: ScenarioContext): Promise<void> {
  const articles = await app.context.db.many(sql`select state, seq from articles`);
  expect(articles).toEqual([{ state: 'released', seq: 1 }]);
}

async function expectStates(scenario: ScenarioContext, state: string): Promise<void> {
  const deliveries = await listDeliveries(scenario.app);
  expect(deliveries.map((each) => each.state)).toEqual(deliveries.map(() => state));
}

/** All three are due at once, or were sent once each. */
async function expectDueOrSent(scenario: ScenarioContext): Promise<void> {
  const { smtp, context } = scenario.app;
  if (smtp.messages.length > 0) expect(smtp.messages.map(({ to }) => to).sort()).toEqual(readerAddresses(3));
  else {
    await expectStates(scenario, 'queued');
    const due = await context.db.many<{ dueAt: Date }>(sql`select due_at from batches`);
    expect(due).toEqual([{ dueAt: context.now() }]);
  }
}

/**
 * A worker of another machine is gone with its journal: the mail that it was sending is uncertain, and no mail log can
 * decide it. The two that it had not begun are queued, or were sent.
 */
async function expectUncertain({ app }: ScenarioContext): Promise<void> {
  const batches = await app.context.db.many(sql`select lease_token from batches`);
  expect(batches).toEqual([{ leaseToken: null }]);
  const states = (await listDeliveries(app)).map(({ state }) => state).sort();
  if (app.smtp.messages.length > 0) expect(states).toEqual(['accepted', 'accepted', 'uncertain']);
  else expect(states).toEqual(['queued', 'queued', 'uncertain']);
}

/** Three readers were mailed; for one of them no reply came back, but the server's log has her mail. */
async function createUncertainDelivery(scenario: ScenarioContext): Promise<void> {
  const { app, mailLog } = scenario;
  const { digestId, batch } = await planDigest(scenario);
  const replies = ['hang-up-accepted'];
  app.smtp.setScript((stage) => (stage === 'dot' ? replies.shift() : undefined));
  await app.handlers['send-batch']({ digestId, batch });
  await app.handlers['send-batch']({ digestId, batch });
  const sentAt = app.context.now();
  const messages: LoggedMessage[] = [];
  for (const { raw } of app.smtp.messages) {
    const { messageId = '' } = await PostalMime.parse(raw);
    messages.push({ messageId });
  }
  const [from, until] = [new Date(sentAt.getTime() - HOUR_MS), new Date(sentAt.getTime() + HOUR_MS)];
  await writeFile(mailLog, postfixLog(messages, { at: sentAt, from, until }));
  app.advanceClock(12 * MINUTE_MS);
}

async function expectReconciled({ app }: ScenarioContext): Promise<void> {
  expect((await listDeliveries(app)).map(({ state }) => state)).toEqual(Array(3).fill('accepted'));
  const found = await app.context.db.many(
    sql`select attempt, resends from deliveries where answer like 'Found in the mail log as %'`,
  );
  expect(found).toEqual([{ attempt: 1, resends: 0 }]);
  expect(app.smtp.messages.map(({ to }) => to).sort()).toEqual(readerAddresses(3));
}
