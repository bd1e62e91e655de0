import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * An item of the feed. `text`: its content; when empty, it has only a title. `link`: its page, https://paper.example/ID when
 * absent. An empty id or link is left out. `date`: as words where it is not to be RFC 822 in GMT.
 */
export type FeedArticle = {
  id: string;
  title: string;
  text?: string;
  date?: Date | string;
  link?: string;
  categories?: string[];
};

type FixedResponse = { status: number; headers?: Record<string, string>; body?: Buffer | string };

export type FeedServer = {
  /** http://127.0.0.1:… without a slash. */
  origin: string;
  /** The feed of `articles`, at /feed.xml. */
  url: string;
  /** In the order of the feed, newest first as publishers have it. Tests change it. */
  articles: FeedArticle[];
  /** The requests so far. */
  requests: { path: string; headers: IncomingHttpHeaders; body: string }[];
  /** The response at a path from now on; undefined: the usual one. */
  setResponse(path: string, answer: FixedResponse | undefined): void;
  close(): Promise<void>;
};

/** A publisher's web server on 127.0.0.1: a feed with validators (RFC 9110 section 13.1), and responses that tests set. */
export async function startFeedServer(): Promise<FeedServer> {
  const answers = new Map<string, FixedResponse>();
  const articles: FeedArticle[] = [];
  const requests: FeedServer['requests'] = [];
  const server = createServer((req, res) => {
    const path = req.url ?? '/';
    const request = { path, headers: req.headers, body: '' };
    requests.push(request);
    req.setEncoding('utf8').on('data', (text: string) => (request.body += text));
    const told = answers.get(path) ?? (path === '/feed.xml' ? rssResponse(articles) : { status: 404 });
    respond(res, told, req.headers['if-none-match']);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: `${origin}/feed.xml`,
    articles,
    requests,
    setResponse: (path, told) => void (told === undefined ? answers.delete(path) : answers.set(path, told)),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function respond(
  res: ServerResponse,
  { status, headers = {}, body = '' }: FixedResponse,
  known?: string,
): void {
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
  if (status !== 200) res.writeHead(status, headers).end(body);
  else if (known === etag) res.writeHead(304, { ...headers, etag }).end();
  else res.writeHead(200, { ...headers, etag }).end(body);
}

/** RSS 2.0. */
export function rssResponse(articles: readonly FeedArticle[]): FixedResponse {
  const items = articles.map(
    ({ id, title, text = `${title}, told in full.`, date, link = articleUrl(id), categories = [] }) => `<item>
<title>${escapeXml(title)}</title>
${link === '' ? '' : `<link>${escapeXml(link)}</link>`}
${id === '' ? '' : `<guid isPermaLink="false">${escapeXml(id)}</guid>`}
${categories.map((category) => `<category>${escapeXml(category)}</category>`).join('\n')}
${date === undefined ? '' : `<pubDate>${typeof date === 'string' ? date : date.toUTCString()}</pubDate>`}
${text === '' ? '' : `<description>${escapeXml(text)}</description>`}
</item>`,
  );
  const body = `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>The Paper</title><link>https://paper.example/</link>
<description>News</description>
${items.join('\n')}
</channel></rss>
`;
  return { status: 200, headers: { 'content-type': 'application/rss+xml' }, body };
}

function articleUrl(id: string): string {
  return id === '' ? '' : `https://paper.example/${encodeURIComponent(id)}`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
