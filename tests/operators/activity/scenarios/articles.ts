import { pushArticle } from '../../../../src/articles/ingest/push-article.js';
import { pollFeed } from '../../../../src/articles/poll/poll-feed.js';
import { correctArticle } from '../../../../src/articles/release/correct-article.js';
import {
  holdArticle,
  releaseArticle,
  retractArticle,
  skipArticle,
} from '../../../../src/articles/release/decide-article.js';
import { decideHold } from '../../../../src/articles/release/decide-hold.js';
import { releaseDueArticles } from '../../../../src/articles/release/release-due.js';
import { releaseOrRestoreArticle } from '../../../../src/deliveries/control/release-article.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { MINUTE_MS } from '../../../../src/platform/durations.js';
import { followFeed } from './publications.js';
import type { Act, Scenarios, Stage } from './scenario.js';

/** An article that waits, or is held for want of any text. */
async function addArticle({ app }: Stage, { isEmpty = false } = {}) {
  const publication = await app.createPublication({ holdMinutes: 60 });
  const pushed = await pushArticle(app.context, publication, {
    title: 'Low tide',
    ...(isEmpty ? {} : { summary: 'The harbour is empty.' }),
  });
  const { holdId } = await app.context.db.one<{ holdId: string | null }>(
    sql`select hold_id from articles where id = ${pushed.id}`,
  );
  return { publication, id: pushed.id, holdId: holdId ?? '' };
}

/** What a feed shows after its first poll, which counts as read; what is new waits for an hour. */
async function pollNewArticle(stage: Stage): Promise<{ feedId: string; poll: Act }> {
  const { app, server } = stage;
  const { feedId } = await followFeed(stage, { holdMinutes: 60 });
  const at = (minutes: number) => new Date(app.context.now().getTime() + minutes * MINUTE_MS);
  server.articles.push({ id: '1', title: 'High tide', text: 'At noon.', date: at(-60) });
  await pollFeed(app.context, feedId);
  server.articles.unshift({ id: '2', title: 'Low tide', text: 'At six.', date: at(-5) });
  // Its server may answer that nothing has changed only to what was read before.
  const poll: Act = (context) => pollFeed(context, feedId);
  return { feedId, poll };
}

export const articleScenarios: Scenarios = {
  'article.added': {
    by: 'token',
    prepare: async ({ app }) => {
      const publication = await app.createPublication();
      return (context) => pushArticle(context, publication, { title: 'Low tide', summary: 'At six.' });
    },
  },
  'article.approved': {
    by: 'operator',
    prepare: async (stage) => {
      const { id } = await addArticle(stage);
      return (context) => releaseArticle(context, id);
    },
  },
  'article.released': {
    by: 'operator',
    bySystem: true,
    notedIn: ['failed_rows'],
    prepare: async (stage) => {
      const { id, publication } = await addArticle(stage);
      await releaseArticle(stage.app.context, id);
      return (context) => releaseDueArticles(context, publication.id);
    },
  },
  'article.held': {
    by: 'operator',
    prepare: async (stage) => {
      const { id } = await addArticle(stage);
      return (context) => holdArticle(context, id);
    },
  },
  'article.freed': {
    by: 'token',
    bySystem: true,
    prepare: async (stage) => {
      const { id } = await addArticle(stage, { isEmpty: true });
      return (context) => correctArticle(context, id, { content: '<p>The harbour is empty.</p>' });
    },
  },
  'article.skipped': {
    by: 'operator',
    prepare: async (stage) => {
      const { id } = await addArticle(stage);
      return (context) => skipArticle(context, id);
    },
  },
  'article.corrected': {
    by: 'token',
    prepare: async (stage) => {
      const { id } = await addArticle(stage);
      return (context) =>
        correctArticle(context, id, { title: 'Ebb', content: '<p>Ask ada@tide.example</p>' });
    },
  },
  'article.retracted': {
    by: 'token',
    prepare: async (stage) => {
      const { id } = await addArticle(stage);
      return (context) => retractArticle(context, id);
    },
  },
  'article.restored': {
    by: 'operator',
    prepare: async (stage) => {
      const { id, publication } = await addArticle(stage);
      const { context } = stage.app;
      await releaseArticle(context, id);
      await releaseDueArticles(context, publication.id);
      await retractArticle(context, id);
      return (acting) => releaseOrRestoreArticle(acting, id);
    },
  },
  'article.vanished': {
    by: 'command-line',
    bySystem: true,
    notedIn: ['feeds', 'failed_rows'],
    prepare: async (stage) => {
      const { poll } = await pollNewArticle(stage);
      await poll(stage.app.context);
      stage.server.articles.shift();
      return poll;
    },
  },
  'article.reappeared': {
    by: 'command-line',
    bySystem: true,
    notedIn: ['feeds', 'failed_rows'],
    prepare: async (stage) => {
      const { poll } = await pollNewArticle(stage);
      await poll(stage.app.context);
      const taken = stage.server.articles.splice(0, 1);
      await poll(stage.app.context);
      stage.server.articles.unshift(...taken);
      return poll;
    },
  },
  'article-hold.decided': {
    by: 'operator',
    notedIn: ['failed_rows'],
    prepare: async (stage) => {
      const { holdId } = await addArticle(stage, { isEmpty: true });
      return (context) => decideHold(context, holdId, 'all');
    },
  },
};
