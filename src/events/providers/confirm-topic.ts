import type { Context } from '../../platform/context.js';
import { parseTopicArn, type Hook } from './hook.js';
import { setHookState } from './writes.js';

/** How a subscription of ours to a topic was answered; `unavailable`: Amazon did not answer well, and asks again. */
export type Confirmed = 'confirmed' | 'wrong-link' | 'unavailable';

/** The domain of SNS in each partition (https://docs.aws.amazon.com/general/latest/gr/sns.html). */
const DOMAINS: Readonly<Record<string, string>> = {
  aws: 'amazonaws.com',
  'aws-us-gov': 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-eusc': 'amazonaws.eu',
};

/** The host of SNS that a topic's messages name; undefined for what is no topic. */
function snsHostOf(topicArn: string): string | undefined {
  const topic = parseTopicArn(topicArn);
  return topic && `sns.${topic.region}.${DOMAINS[topic.partition]}`;
}

/**
 * Opens the link with which SNS asks whether we want a topic's messages, if it is one of SNS in the topic's own region, for that
 * topic (https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html).
 */
export async function confirmTopic(
  { db, fetchPage }: Pick<Context, 'db' | 'fetchPage'>,
  { id, topicArn }: Pick<Hook, 'id' | 'topicArn'>,
  subscribeUrl: string,
): Promise<Confirmed> {
  if (topicArn === null || !isConfirmationOf(topicArn, subscribeUrl)) return 'wrong-link';
  const answer = await fetchPage(subscribeUrl);
  if (answer.kind !== 'fetched') return 'unavailable';
  await db.transaction((tx) => setHookState(tx, id, 'confirmed'));
  return 'confirmed';
}

function isConfirmationOf(topicArn: string, link: string): boolean {
  if (!URL.canParse(link)) return false;
  const url = new URL(link);
  const { searchParams: query } = url;
  return (
    isOfSns(url, topicArn) &&
    url.pathname === '/' &&
    query.get('Action') === 'ConfirmSubscription' &&
    query.get('TopicArn') === topicArn
  );
}

/** Over https, at the host of the topic's region, and nothing around it. */
export function isOfSns(url: URL, topicArn: string): boolean {
  return url.origin === `https://${snsHostOf(topicArn)}` && url.username === '' && url.password === '';
}

/** The topic sends nothing more, because somebody has ended the subscription there. */
export async function endTopic({ db }: Pick<Context, 'db'>, { id }: Pick<Hook, 'id'>): Promise<void> {
  await db.transaction((tx) => setHookState(tx, id, 'ended'));
}
