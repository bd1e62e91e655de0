type Mail = { headers?: Record<string, string>; body: string };

/** A mail to our return path from a mail system, unless `headers` say otherwise. Lines end with CRLF. */
export function mail({ headers = {}, body }: Mail): Buffer {
  const all = {
    'Return-Path': '<>',
    Date: 'Mon, 30 Nov 2026 08:00:00 +0000',
    From: 'Mail Delivery System <MAILER-DAEMON@mx.example.net>',
    To: 'b-token@bounces.example.org',
    Subject: 'Mail delivery failed',
    'Message-ID': '<report-1@mx.example.net>',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`${[...lines, '', body].join('\n').replace(/\r?\n/g, '\r\n')}\r\n`);
}

export type PartOf = { type: string; body: string };

/** A mail of several parts. */
export function multipart(
  kind: string,
  parts: readonly PartOf[],
  headers: Record<string, string> = {},
): Buffer {
  return mail({
    headers: { ...headers, 'Content-Type': `${kind}; boundary="=_b"` },
    body: [...parts.map(({ type, body }) => `--=_b\nContent-Type: ${type}\n\n${body}\n`), '--=_b--'].join(
      '\n',
    ),
  });
}

/** The mail that reports are about. */
export const OURS: PartOf = {
  type: 'message/rfc822',
  body: [
    'Return-Path: <b-token@bounces.example.org>',
    'From: The Lantern <news@example.org>',
    'To: ada@example.com',
    'Subject: Three stories',
    'Message-ID: <m-1.signed@example.org>',
    '',
    'ada@example.com no such user: only words of ours',
  ].join('\n'),
};

/** A delivery report with these blocks for recipients. */
export function deliveryReport(blocks: readonly string[], text = 'It could not be delivered.'): Buffer {
  return multipart('multipart/report; report-type=delivery-status', [
    { type: 'text/plain; charset=utf-8', body: text },
    { type: 'message/delivery-status', body: ['Reporting-MTA: dns; mx.example.net', ...blocks].join('\n\n') },
    OURS,
  ]);
}
