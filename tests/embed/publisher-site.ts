import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A publisher's site: another origin than Paperround's, whose style sheets break what stands on it. */
export type Site = {
  url: string;
  put(path: string, html: string, headers?: Record<string, string>): void;
  close(): Promise<void>;
};

export async function openPublisherSite(): Promise<Site> {
  const pages = new Map<string, { html: string; headers: Record<string, string> }>();
  const server = createServer((req, res) => {
    const page = pages.get((req.url ?? '').split('?')[0] ?? '');
    res.writeHead(page ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', ...page?.headers });
    res.end(page?.html);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    put: (path, html, headers = {}) => void pages.set(path, { html, headers }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const hostile = `
  * { font: 40px/3 Papyrus !important; color: red !important; text-transform: uppercase !important; letter-spacing: 9px !important }
  form, input, button, label, aside, dialog { display: none !important }
  div { opacity: .99; transform: none; visibility: visible; background: yellow !important }
  h1, h2, p { position: fixed; inset: 0; z-index: 2147483647 }
`;

/** A page with `body` after its article, under style rules that break everything they apply to. */
export function hostilePage(body: string): string {
  return pageOf(body, hostile);
}

/** An ordinary page: a long article, and `body` after it. */
export function pageOf(body: string, css = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>A story</title>
<style>article { min-height: 2500px } a { color: inherit } ${css}</style></head>
<body><main><article><h1>A story</h1><p>Once.</p></article>${body}</main><footer><a href="/about">About</a></footer></body></html>`;
}
