import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { searchMailLog, type MailLogResult } from '../../../../src/platform/mail/log/search.js';
import {
  startMilter,
  startPostfix,
  whyNoJournal,
  whyNoPostfix,
  type Postfix,
} from '../../../support/postfix.js';
import { waitUntil } from '../../../support/wait-until.js';

// A real Postfix, whose processes are killed; a filter in it holds each message up at its end for as long as is asked.

const sources = [
  { log: 'file' as const, reason: whyNoPostfix() },
  { log: 'journal' as const, reason: whyNoPostfix() ?? whyNoJournal() },
];

describe.each(sources)('a Postfix that logs to a $log', ({ log, reason }) => {
  const testHere = reason === undefined ? test : test.skip;
  const why = reason === undefined ? '' : ` (skipped: ${reason})`;
  let verdict = { waitMs: 0, refuses: false };
  let milter: Awaited<ReturnType<typeof startMilter>>;
  let postfix: Postfix;

  beforeAll(async () => {
    if (reason !== undefined) return;
    milter = await startMilter(() => verdict);
    const main = {
      smtpd_milters: `inet:127.0.0.1:${milter.port}`,
      default_transport: 'discard:',
      service_throttle_time: '1s',
    };
    postfix = await startPostfix({ relayPort: 9, log, main });
  }, 60_000);

  afterAll(async () => {
    await postfix?.stop();
    await milter?.close();
  });

  const search = async (name: string): Promise<MailLogResult> => {
    const source = log === 'journal' ? `journal:${postfix.log}` : postfix.log;
    const answer = await searchMailLog(source, [`<${name}@lantern.example>`], new Date(Date.now() - 60_000));
    if (answer.kind === 'unreadable') throw new Error(answer.reason);
    return answer;
  };
  const findingOf = async (name: string) => {
    const { accepted, unclear } = await search(name);
    const id = `<${name}@lantern.example>`;
    return accepted.has(id) ? 'taken' : (unclear.get(id) ?? 'not there');
  };

  testHere(
    `shows what became of messages whose server was killed before and after their end${why}`,
    async () => {
      verdict = { waitMs: 1_500, refuses: false };
      await beginMessage(postfix, 'killed-at-end', { isWhole: true });
      await waitUntil(async () => (await findingOf('killed-at-end')) === 'begun');
      for (const pid of postfix.daemons('smtpd')) process.kill(pid, 'SIGKILL');
      // cleanup(8) has its end, and finishes it without smtpd(8).
      await waitUntil(async () => (await findingOf('killed-at-end')) === 'taken');

      verdict = { waitMs: 0, refuses: false };
      await beginMessage(postfix, 'killed-before-end', { isWhole: false });
      await waitUntil(async () => (await findingOf('killed-before-end')) === 'begun');
      for (const pid of postfix.daemons('smtpd')) process.kill(pid, 'SIGKILL');
      await sleep(1_500);
      await sendMessages(postfix, 'few', 5);
      // That the queue manager takes up five others is not enough.
      expect(await findingOf('killed-before-end')).toBe('begun');
      await sendMessages(postfix, 'many', 20);
      await waitUntil(async () => (await findingOf('many-19')) === 'taken');
      expect(await findingOf('killed-before-end')).toBe('not there');

      verdict = { waitMs: 300, refuses: true };
      const refused = await beginMessage(postfix, 'refused', { isWhole: true });
      await sleep(100);
      refused.destroy();
      await waitUntil(async () => (await findingOf('refused')) === 'not there');
      verdict = { waitMs: 0, refuses: false };
    },
  );

  testHere(
    `covers the time in which its master was away only where lines are not lost by that${why}`,
    async () => {
      await sendMessages(postfix, 'before', 1);
      const began = new Date();
      const master = postfix.masterPid();
      if (master === undefined) throw new Error('It has no master.');
      process.kill(master, 'SIGKILL');
      await sleep(500);
      await postfix.start();
      await sendMessages(postfix, 'after', 1);
      await waitUntil(async () => (await findingOf('after-0')) === 'taken');
      const { from, hasLostLines } = await search('before-0');
      expect(await findingOf('before-0')).toBe('taken');
      expect(hasLostLines).toBe(log === 'file');
      // Times in the file are whole seconds.
      expect((from?.getTime() ?? 0) + 1_000 > began.getTime()).toBe(log === 'file');
    },
  );
});

/** Hands over so many small messages, one after the other, each answered. */
async function sendMessages(postfix: Postfix, name: string, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const socket = await beginMessage(postfix, `${name}-${number}`, { isWhole: true });
    await nextReply(socket, '250 2.0.0 Ok: queued');
    socket.destroy();
  }
}

/** Opens a connection and sends a message's header and some of its body, or all of it with the final dot. */
async function beginMessage(
  { port }: Postfix,
  name: string,
  { isWhole }: { isWhole: boolean },
): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}); // its server is killed
  const steps = [
    ['220', 'EHLO client.example'],
    ['250', 'MAIL FROM:<news@lantern.example>'],
    ['250', 'RCPT TO:<reader@reader.example>'],
    ['250', 'DATA'],
  ] as const;
  for (const [code, line] of steps) {
    await nextReply(socket, code);
    socket.write(`${line}\r\n`);
  }
  await nextReply(socket, '354');
  const body = 'A line of a message.\r\n'.repeat(isWhole ? 1 : 4_000);
  socket.write(
    `Message-ID: <${name}@lantern.example>\r\nSubject: Harbour\r\n\r\n${body}${isWhole ? '.\r\n' : ''}`,
  );
  return socket;
}

/** Waits for a reply that begins so. */
function nextReply(socket: Socket, begin: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (bytes: Buffer) => {
      text += bytes.toString();
      if (!/^\d{3} .*\r\n/m.test(text)) return;
      socket.off('data', read);
      if (text.split(/\r\n/).at(-2)?.startsWith(begin)) resolve();
      else reject(new Error(text));
    };
    socket.on('data', read).once('close', () => reject(new Error('closed')));
  });
}
