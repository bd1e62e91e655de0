import { connect, type Socket } from 'node:net';
import { serveParent } from '../support/child-process.js';

// Sends sign-up forms as fast as a server takes them; as simple as possible, so that the server is what limits the rate.

/**
 * With `rate`, so many forms a second whether or not the earlier ones are answered; without it, each connection sends the
 * next form when the last one is answered.
 */
export type LoadRequest = {
  port: number;
  connections: number;
  seconds: number;
  rate?: number;
  /** What the addresses begin with: each form has one of its own, and comes from one of many networks. */
  name: string;
  /** These addresses in turn instead. */
  emails?: string[];
};

/** Times in milliseconds. */
export type LoadResult = { accepted: number; others: number; milliseconds: number; times: number[] };

let sentCount = 0;

serveParent((question) => runLoad(question as LoadRequest));

async function runLoad(question: LoadRequest): Promise<LoadResult> {
  const { port, connections, seconds, rate } = question;
  const clients = await Promise.all(Array.from({ length: connections }, () => openClient(port)));
  const answer: LoadResult = { accepted: 0, others: 0, milliseconds: 0, times: [] };
  let asked = 0;
  const begun = performance.now();
  const until = begun + seconds * 1000;
  const ask = async (client: Client, since: number) => {
    const status = await client.ask(buildRequest(question, asked++));
    answer.times.push(performance.now() - since);
    if (status === 202) answer.accepted += 1;
    else answer.others += 1;
  };
  if (rate === undefined) await Promise.all(clients.map((client) => closedLoop(client, until, ask)));
  else await openLoop(clients, begun, until, rate, ask);
  answer.milliseconds = performance.now() - begun;
  for (const client of clients) client.end();
  return answer;
}

type SendForm = (client: Client, since: number) => Promise<void>;

async function closedLoop(client: Client, until: number, ask: SendForm): Promise<void> {
  while (performance.now() < until) await ask(client, performance.now());
}

/** Each form is due at its time, and its wait counts from then, whether or not the one before it was answered. */
async function openLoop(
  clients: readonly Client[],
  begun: number,
  until: number,
  rate: number,
  ask: SendForm,
): Promise<void> {
  const asked: Promise<void>[] = [];
  for (let number = 0; ; number += 1) {
    const due = begun + (number * 1000) / rate;
    if (due >= until) break;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const client = clients[number % clients.length];
    if (client !== undefined) asked.push(ask(client, due));
  }
  await Promise.all(asked);
}

function buildRequest({ name, emails }: LoadRequest, number: number): string {
  sentCount += 1;
  const email = emails?.[number % emails.length] ?? `${name}-${sentCount}@mail-${sentCount % 200}.example`;
  const body = JSON.stringify({ email, timezone: 'Africa/Nairobi' });
  const ip = `203.${(sentCount >> 16) & 255}.${(sentCount >> 8) & 255}.${sentCount & 255}`;
  return (
    `POST /post/subscriptions HTTP/1.1\r\nHost: bench.example\r\nContent-Type: application/json\r\n` +
    `Accept: application/json\r\nX-Forwarded-For: ${ip}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  );
}

type Client = { ask(request: string): Promise<number>; end(): void };

/** A connection that stays open; a request waits until the one before it is answered. */
async function openClient(port: number): Promise<Client> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect(port, '127.0.0.1', () => resolve(opened));
    opened.once('error', reject);
  });
  socket.setNoDelay(true);
  const waiting: ((status: number) => void)[] = [];
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    for (let end = findResponseEnd(text); end !== undefined; end = findResponseEnd(text)) {
      const status = Number(text.slice(9, 12));
      text = text.slice(end);
      waiting.shift()?.(status);
    }
  });
  let last: Promise<number> = Promise.resolve(0);
  return {
    ask(request) {
      last = last.then(
        () =>
          new Promise((resolve) => {
            waiting.push(resolve);
            socket.write(request);
          }),
      );
      return last;
    },
    end: () => socket.destroy(),
  };
}

function findResponseEnd(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(text.slice(0, head))?.[1];
  const end = head + 4 + Number(length ?? 0);
  return text.length >= end ? end : undefined;
}
