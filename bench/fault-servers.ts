import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Bench } from './bench.js';
import { figure, figuresOf } from './fault-figures.js';
import { moment, onGround, taken } from './fault-ground.js';
import type { Figure } from './figures.js';
import { countStates } from './ledger.js';

const FLUSHES = 5;

/** Redis forgets everything while a digest is sent, and then dies and comes back with nothing. */
export async function forgetfulRedis(bench: Bench): Promise<Figure[]> {
  const what = `FLUSHALL x ${FLUSHES}, then a Redis that comes back empty`;
  const { redis, folder } = bench.servers;
  if (redis === undefined) return [notMeasured(what, 'no redis-server on PATH')];
  const aftermath = await onGround(bench, { seconds: 35 }, async (ground) => {
    const worker = ground.work();
    let messages = 0;
    for (let number = 1; number <= FLUSHES; number += 1) {
      messages = await taken(ground, 50, messages);
      await moment(1_500, 3_000);
      await flush(redis.url);
    }
    await taken(ground, 50, messages);
    await redis.crash('SIGKILL', () =>
      rmSync(join(folder, 'redis/redis/appendonlydir'), { recursive: true, force: true }),
    );
    await taken(ground, 50, await ground.sink.messages());
    await ground.finish();
    await worker.end();
  });
  return figuresOf(what, aftermath, { missed: 0, doubled: 0, uncertain: 0, stallSeconds: 30 });
}

/** Two words of its protocol; a client would be more than is needed. */
async function flush(url: string): Promise<void> {
  const { hostname, port, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`AUTH ${password}\r\nFLUSHALL\r\nQUIT\r\n`);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  await once(socket, 'close');
  if (answer !== '+OK\r\n+OK\r\n+OK\r\n') throw new Error(`Redis answered ${answer}`);
}

const CRASHES = 5;

/** Postgres goes down at once, with whatever it was doing, and recovers. */
export async function crashingPostgres(bench: Bench): Promise<Figure[]> {
  const what = `Postgres immediate restart x ${CRASHES}`;
  const inHands: number[] = [];
  const aftermath = await onGround(bench, { seconds: 35 }, async (ground) => {
    const worker = ground.work();
    let messages = 0;
    for (let number = 1; number <= CRASHES; number += 1) {
      messages = await taken(ground, 50, messages);
      await moment(1_000, 3_000);
      inHands.push((await countStates(ground.db, ground.stage.publicationId))['sending'] ?? 0);
      await bench.servers.postgres.crash('SIGQUIT');
      messages = await ground.sink.messages();
    }
    await ground.finish();
    await worker.end();
  });
  const idle = inHands.filter((count) => count === 0).length;
  return figuresOf(
    what,
    aftermath,
    // The worker lives, so no answer is lost: nobody may be doubled here at all.
    { missed: 0, doubled: 0, uncertain: 0 },
    {
      note: `in sending just before: ${inHands.join(', ')}`,
      void: idle > 0 ? `${idle} crashes found nothing in sending` : undefined,
    },
  );
}

export function notMeasured(what: string, note: string): Figure {
  return { ...figure(what, 0, '', undefined, note), value: undefined };
}
