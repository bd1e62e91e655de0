import type { Response } from 'express';

/** Popups are allowed so that links of a mail work; the tab that opens is outside the sandbox. */
const SANDBOX = 'sandbox allow-popups allow-popups-to-escape-sandbox';

/** Pictures of a mail are on the web; those of the demo are on this computer. */
const PICTURES = "img-src https: data: 'self'";
const NO_PICTURES = "img-src 'none'";

/** For a mail's HTML in a frame of ours: no script runs in it, and it is not in our own origin. */
export function setMailHeaders(
  res: Response,
  { pictures }: { pictures: boolean } = { pictures: true },
): Response {
  const policy = `${SANDBOX}; default-src 'none'; ${pictures ? PICTURES : NO_PICTURES}; style-src 'unsafe-inline'`;
  return setSandboxHeaders(res, policy);
}

/** For the content of mails, which may come from strangers: not in our own origin, and in no other site's frame. */
export function setSandboxHeaders(res: Response, policy: string): Response {
  return res.set({
    'Content-Security-Policy': policy,
    'X-Frame-Options': 'SAMEORIGIN',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
}

/** Our pages refuse to be framed, so links of a mail open in another tab. */
export function withLinksInNewTabs(html: string): string {
  const base = '<base target="_blank">';
  return /<head[^>]*>/i.test(html) ? html.replace(/<head[^>]*>/i, (head) => head + base) : base + html;
}
