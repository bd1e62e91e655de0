import express, { type Request, type Response as ExpressResponse } from 'express';

/** Parses the bodies that RFC 8058 section 3.2 allows; both are small. */
export const oneClickBody = express.raw({
  type: ['multipart/form-data', 'application/x-www-form-urlencoded'],
  limit: '10kb',
});

/** Whether a mail program sent this (`List-Unsubscribe=One-Click`), rather than the button of our page. */
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
    // Not a form: it is unsubscribed all the same, and shown the page.
    return false;
  }
}

/** 200 without a redirect, which mail programs need not follow (RFC 8058 section 3.1). */
export function sendOneClickDone(res: ExpressResponse): void {
  res.type('text/plain').send('You are unsubscribed.\n');
}
