import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.js';
import { readDoubts } from './fault-books.js';
import { figure, figuresOf } from './fault-figures.js';
import { moment, onGround, taken, type Ground } from './fault-ground.js';
import type { Figure } from './figures.js';
import { countStates } from './ledger.js';
import type { BenchWorker } from './workers.js';

const KILLS = 30;
const CONNECTIONS = 10;

/** A kill that is proved to have landed while sending. */
type Kill = {
  /** In the ledger and at the sink when the worker was dead. */
  sending: number;
  accepted: number;
  messages: number;
};

type Storm = { kills: Kill[]; doubts: Set<string> };

/** kill -9 at random moments, with the policy that sends again and with the one that does not. */
export async function killStorms(bench: Bench): Promise<Figure[]> {
  return [...(await killStorm(bench, 'resend')), ...(await killStorm(bench, 'hold'))];
}

async function killStorm(bench: Bench, policy: 'resend' | 'hold'): Promise<Figure[]> {
  const what = `kill -9 x ${KILLS}, uncertain=${policy}`;
  let storm: Storm = { kills: [], doubts: new Set() };
  const aftermath = await onGround(bench, { policy, seconds: 45 }, async (ground) => {
    const kills = await killAgainAndAgain(ground);
    const last = ground.work();
    await onlyDoubtIsLeft(ground);
    storm = { kills, doubts: await readDoubts(ground.db, ground.stage.publicationId) };
    await ground.finish({ resend: policy === 'resend' });
    await last.end();
  });
  const { kills, doubts } = storm;
  const surprised = aftermath.doubledReaders.filter((email) => !doubts.has(email)).length;
  const bars =
    policy === 'resend'
      ? { missed: 0, doubled: KILLS * CONNECTIONS, uncertain: 0 }
      : { missed: 0, doubled: 0, uncertain: KILLS * CONNECTIONS };
  return [
    ...figuresOf(what, aftermath, bars, { note: noteOn(kills, policy), void: whyVoid(kills) }),
    figure(`${what}: in doubt after the storm`, doubts.size, 'readers', { most: KILLS * CONNECTIONS }),
    figure(`${what}: doubled and never called uncertain`, surprised, 'readers', { most: 0 }),
    figure(`${what}: kills while sending`, kills.length, 'kills', { least: KILLS }),
  ];
}

/** Every life begins when the one before is over, and ends some time after it has had messages taken. */
async function killAgainAndAgain(ground: Ground): Promise<Kill[]> {
  const kills: Kill[] = [];
  let messages = 0;
  for (let number = 1; number <= KILLS; number += 1) {
    const worker = ground.work();
    messages = await taken(ground, 1, messages);
    await moment(50, 900);
    await worker.end('SIGKILL');
    kills.push(await lookAtTheDead(ground));
    messages = kills.at(-1)?.messages ?? messages;
  }
  return kills;
}

/** Between the death and the next life nobody writes: this is what the kill left. */
async function lookAtTheDead({ db, stage, sink }: Ground): Promise<Kill> {
  await sleep(50); // what the kernel still has for the sink
  const { sending = 0, accepted = 0 } = await countStates(db, stage.publicationId);
  return { sending, accepted, messages: await sink.messages() };
}

/** Until doubt is all that is left: from then on it is the policy's. */
async function onlyDoubtIsLeft({ db, stage }: Ground): Promise<void> {
  for (const end = Date.now() + 150_000; Date.now() < end; await sleep(100)) {
    const { planned, accepted = 0, uncertain = 0 } = await countStates(db, stage.publicationId);
    if (accepted + uncertain === planned) return;
  }
  throw new Error('What was not in doubt after the storm was not sent.');
}

/** Each had mails in hand, and the ledger and the sink had more at each than at the one before. */
function whyVoid(kills: readonly Kill[]): string | undefined {
  const idle = kills.filter(({ sending }) => sending === 0).length;
  const stuck = kills.filter(({ messages, accepted }, at) => {
    const before = kills[at - 1];
    return before !== undefined && (messages <= before.messages || accepted <= before.accepted);
  }).length;
  if (idle + stuck === 0) return undefined;
  return `${idle} kills found nothing in sending, and before ${stuck} nothing had been accepted since the last`;
}

function noteOn(kills: readonly Kill[], policy: string): string {
  const sending = kills.map((kill) => kill.sending).toSorted((a, b) => a - b);
  const waited =
    policy === 'resend' ? '; the ten minutes that doubt waits were taken off the rows after the storm' : '';
  return `at the kills ${sending[0]} to ${sending.at(-1)} were in sending${waited}`;
}

const SHARED_KILLS = 10;

/** Two workers of one machine at the same digest; one of them is killed, and the other goes on and takes over. */
export async function sharedFolder(bench: Bench): Promise<Figure[]> {
  const what = `two workers, one DATA_DIR, kill -9 x ${SHARED_KILLS}`;
  const kills: Kill[] = [];
  const aftermath = await onGround(bench, { policy: 'hold', seconds: 60 }, async (ground) => {
    const workers = [ground.work(), ground.work()];
    let messages = 0;
    for (let number = 0; number < SHARED_KILLS; number += 1) {
      messages = await taken(ground, 50, messages);
      await moment(300, 1_500);
      const [victim, survivor] = workers.splice(0) as [BenchWorker, BenchWorker];
      await victim.end('SIGKILL');
      kills.push(await lookAtTheDead(ground));
      messages = await taken(ground, 1, kills.at(-1)?.messages ?? messages);
      // The survivor is the next victim.
      workers.push(survivor, ground.work());
    }
    await ground.finish();
    for (const worker of workers) await worker.end();
  });
  const most = SHARED_KILLS * CONNECTIONS;
  const idle = kills.filter(({ sending }) => sending === 0).length;
  return figuresOf(
    what,
    aftermath,
    { missed: 0, doubled: 0, uncertain: most, stallSeconds: 30 },
    {
      note: 'uncertain=hold',
      void: idle > 0 ? `${idle} kills found nothing in sending` : undefined,
    },
  );
}
