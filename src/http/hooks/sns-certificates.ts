import { X509Certificate, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isOfSns } from '../../events/providers/confirm-topic.js';
import type { Context } from '../../platform/context.js';
import { DAY_MS } from '../../platform/durations.js';
import { createConcurrencyLimit } from '../../platform/process/limit-concurrency.js';

/** The key of a certificate with which SNS signs; `unavailable`: it could not be fetched just now. */
export type SigningKey = KeyObject | 'wrong' | 'unavailable';

export type SnsCertificates = { keyAt(url: string, topicArn: string): Promise<SigningKey> };

/**
 * Where SNS keeps its certificates. Any other path of the host may be an answer of its API, in which a stranger can put words of
 * his own.
 */
const CERTIFICATE_PATH = /^\/SimpleNotificationService-[0-9a-f]{8,64}\.pem$/;

/** Whose certificates they are (https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html). */
const SUBJECT = /^CN=sns\.amazonaws\.com(\.cn)?$/m;

const MAX_CACHED = 20;
const LIMIT = { max: 4, maxWaiting: 50 };

/** Fetches certificates of SNS from its own hosts, each once a day. Nothing that failed is kept. */
export function createSnsCertificates(context: Pick<Context, 'fetchPage' | 'now'>): SnsCertificates {
  const cache = new LRUCache<string, X509Certificate>({
    max: MAX_CACHED,
    ttl: DAY_MS,
    ttlResolution: 0,
    perf: { now: () => context.now().getTime() },
  });
  const inTurn = createConcurrencyLimit(LIMIT);
  return {
    keyAt: async (link, topicArn) => {
      const url = URL.canParse(link) ? new URL(link) : undefined;
      if (url === undefined || !isOfSns(url, topicArn)) return 'wrong';
      if (!CERTIFICATE_PATH.test(url.pathname) || url.search !== '') return 'wrong';
      const known = cache.get(url.href);
      const certificate = known ?? (await inTurn(() => fetchCertificate(context, url.href)));
      if (typeof certificate === 'string') return certificate;
      if (!isValidAt(certificate, context.now())) return 'wrong';
      if (known === undefined) cache.set(url.href, certificate);
      return certificate.publicKey;
    },
  };
}

async function fetchCertificate(
  { fetchPage }: Pick<Context, 'fetchPage'>,
  url: string,
): Promise<X509Certificate | 'wrong' | 'unavailable'> {
  const page = await fetchPage(url);
  const { kind } = page;
  if (kind === 'gone' || kind === 'not-modified' || kind === 'refused') return 'wrong';
  if (kind === 'failed') return isMissing(page.failure) ? 'wrong' : 'unavailable';
  // A redirect leads to what nobody has checked.
  if (page.url !== url) return 'wrong';
  try {
    const certificate = new X509Certificate(page.body);
    return SUBJECT.test(certificate.subject) ? certificate : 'wrong';
  } catch {
    return 'wrong';
  }
}

function isMissing(failure: { code: string; status?: number }): boolean {
  return failure.code === 'status' && failure.status !== undefined && failure.status < 500;
}

function isValidAt({ validFrom, validTo }: X509Certificate, now: Date): boolean {
  return new Date(validFrom) <= now && now <= new Date(validTo);
}
