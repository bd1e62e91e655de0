import type { Request, Response as ExpressResponse } from 'express';

/** True when a mail program sent this (`List-Unsubscribe=One-Click`), false for the button of our page. */
export async function isOneClick(req: Request): Promise<boolean> {
  const body: unknown = req.body;
  if (!Buffer.isBuffer(body)) return false;
  try {
    const headers = { 'content-type': req.get('content-type') ?? '' };
    const form = await new Response(new Uint8Array(body), { headers }).formData();
    const value = form.get('List-Unsubscribe');
    // Some mail programs end the body with a line break.
    return typeof value === 'string' && value.trim() === 'One-Click';
  } catch {
    // Not a form: the reader is unsubscribed all the same, and the page is shown.
    return false;
  }
}

/** 200 and no redirect, which RFC 8058 section 3.1 forbids. */
export function sendOneClickDone(res: ExpressResponse): void {
  res.type('text/plain').send('You are unsubscribed.\n');
}
