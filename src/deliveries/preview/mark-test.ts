import type { MarkMail } from './compose-preview.js';

const MARK = 'This is a test: no reader gets it. Its links to settings and unsubscribing are nobody’s.';

const BOX = 'margin:0;padding:12px 16px;background:#fde68a;color:#1c1b19;font:14px/1.5 sans-serif';

/** So that nobody takes a test for the mail that went to readers. */
export const markTest: MarkMail = ({ subject, html, text }) => ({
  subject: `[Test] ${subject}`,
  html: html.replace(/<body[^>]*>/i, (body) => `${body}<p style="${BOX}" lang="en" dir="ltr">${MARK}</p>`),
  text: `${MARK}\n\n${text}`,
});
