import type { Message, SendRequest, WireContent } from '../message.js';
import { providerOf, type MailProvider, type ProviderId } from './providers.js';

type Echo = NonNullable<MailProvider['echo']>;

/** The request as it goes to a provider: where that has us write our Message-ID into a header of its own, with that header. */
export function withEchoedId(request: SendRequest, provider: ProviderId | undefined): SendRequest {
  const echo = provider && providerOf(provider)?.echo;
  if (echo === undefined) return request;
  return {
    ...request,
    message: () => {
      const message = request.message();
      return message instanceof Promise
        ? message.then((one) => addHeader(one, echo))
        : addHeader(message, echo);
    },
  };
}

/** Before the others: signatures cover only the headers that they name. */
function addHeader(message: Message | undefined, echo: Echo): Message | undefined {
  const id = message && findIdIn(message.content);
  if (message === undefined || id === undefined) return message;
  const header = Buffer.from(
    echo(id)
      .map((line) => `${line}\r\n`)
      .join(''),
    'latin1',
  );
  const { chunks, length } = message.content;
  return { ...message, content: { chunks: [header, ...chunks], length: length + header.length } };
}

const MESSAGE_ID = /^message-id:\s*<([^<>@\s]+)@[^<>\s]+>/im;

/** The part before the @. All headers are in the first chunk. */
function findIdIn({ chunks: [first] }: WireContent): string | undefined {
  if (first === undefined) return undefined;
  const text = Buffer.from(first.buffer, first.byteOffset, first.byteLength).toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  return MESSAGE_ID.exec(end === -1 ? text : text.slice(0, end))?.[1];
}
