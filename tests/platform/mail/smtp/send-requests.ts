import { toWireContent, type Message, type SendRequest } from '../../../../src/platform/mail/message.js';
import type { Timeouts } from '../../../../src/platform/mail/smtp/timeouts.js';

/** Long enough for a busy machine, short enough for a test to wait for. */
export const SHORT_TIMEOUTS: Partial<Timeouts> = {
  greeting: 2000,
  command: 1000,
  data: 1000,
  block: 1000,
  finalDot: 1000,
  idle: 2000,
  closing: 300,
};

function messageTo(to: string, text = 'Subject: Hello\r\n\r\nHello\r\n'): Message {
  return { envelope: { from: 'news@harbour.example', to }, content: toWireContent(Buffer.from(text)) };
}

/** A request whose gate lets the dot go, unless `parts` say otherwise. */
export function sendRequestTo(to: string, parts: Partial<SendRequest> = {}): SendRequest {
  const message = messageTo(to);
  return { message: () => message, beforeFinalDot: () => true, ...parts };
}

export function readerAddresses(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `r${at}@example.com`);
}

/** A gate that the test opens. */
export function createHeldGate(): {
  beforeFinalDot: () => Promise<boolean>;
  isAsked: () => boolean;
  open: () => void;
} {
  let open = () => {};
  let asked = false;
  const opened = new Promise<boolean>((resolve) => (open = () => resolve(true)));
  return { beforeFinalDot: () => ((asked = true), opened), isAsked: () => asked, open };
}
