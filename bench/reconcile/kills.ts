import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from '../../src/platform/db/sql.js';
import type { FaultServers } from '../faults/scenario.js';
import type { BenchProcess } from '../support/processes.js';
import type { Postfix } from '../support/postfix/postfix.js';
import { between, type Random } from '../support/random.js';
import { withDatabase } from '../support/servers.js';

/** Who is killed; `whole-server`: master(8) and all its daemons in one moment, as by the service manager. */
export type Victim = 'worker' | 'smtpd' | 'master' | 'whole-server';

export type KillCounts = Record<Victim, number> & { rotations: number; fullDisks: number };

export type KillScene = Pick<FaultServers, 'startWorker' | 'settings' | 'bench' | 'sink'> & {
  postfix: Postfix;
  random: Random;
  /** Its log is a file that is moved aside now and then. */
  rotates: boolean;
  /** How often each is killed among the others. */
  shares: Partial<Record<Victim, number>>;
};

const ROTATION_SHARE = 0.05;
const FULL_DISK_SHARE = 0.02;
const PROGRESS_TIMEOUT_MS = 120_000;
const RESTART_TIMEOUT_MS = 60_000;

/** Kills one after the other while mail goes out, until that many were killed. The worker that is left goes on. */
export async function killAtRandom(scene: KillScene, count: number): Promise<KillCounts> {
  const counts = { worker: 0, smtpd: 0, master: 0, 'whole-server': 0, rotations: 0, fullDisks: 0 };
  let worker = scene.startWorker();
  let seen = 0;
  for (let number = 0; number < count; number += 1) {
    seen = await waitForProgress(scene, seen, worker);
    await sleep(between(scene.random, 0, 400));
    const victim = chooseVictim(scene);
    if (victim === 'worker') {
      await worker.stop('SIGKILL');
      worker = scene.startWorker();
    } else await killServer(scene, victim);
    counts[victim] += 1;
    if (number % 100 === 99) scene.bench.log(`reconcile: ${number + 1} kills`);
    if (scene.rotates && scene.random() < ROTATION_SHARE && (counts.rotations += 1) > 0)
      await scene.postfix.rotateLog();
    if (scene.random() < FULL_DISK_SHARE && (counts.fullDisks += 1) > 0) await fillQueue(scene);
  }
  return counts;
}

function chooseVictim({ random, shares }: KillScene): Victim {
  const entries = Object.entries(shares) as [Victim, number][];
  let drawn = random() * entries.reduce((sum, [, share]) => sum + share, 0);
  return entries.find(([, share]) => (drawn -= share) < 0)?.[0] ?? 'smtpd';
}

async function killServer(scene: KillScene, victim: Victim): Promise<void> {
  const { postfix, random } = scene;
  const daemons = postfix.daemons('smtpd');
  if (victim === 'smtpd') return killAll([daemons[Math.floor(random() * daemons.length)]]);
  const everybody = ['smtpd', 'cleanup', 'qmgr', 'smtp', 'pickup', 'bounce', 'trivial-rewrite'];
  const master = postfix.masterPid();
  killAll([master, ...(victim === 'master' ? [] : everybody.flatMap((name) => postfix.daemons(name)))]);
  await sleep(between(random, 0, 600));
  await startAgain(postfix, master);
  await closeCircuits(scene);
}

/**
 * As a service manager does: again until it runs. The port is free only once master(8), and each of its smtpd(8) that is in a
 * session, has ended, which takes its time on a busy machine.
 */
async function startAgain(postfix: Postfix, killed: number | undefined): Promise<void> {
  for (const end = Date.now() + RESTART_TIMEOUT_MS; ; await sleep(250)) {
    try {
      if ([undefined, killed].includes(postfix.masterPid())) await postfix.start();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

function killAll(pids: readonly (number | undefined)[]): void {
  for (const pid of pids) {
    try {
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
}

/** Until the queue has room again, whatever was being written breaks off. */
async function fillQueue({ postfix, random }: KillScene): Promise<void> {
  const file = join(postfix.folder, 'queue/filler');
  const block = Buffer.alloc(64 * 1024);
  try {
    for (;;) writeFileSync(file, block, { flag: 'a' });
  } catch {
    await sleep(between(random, 200, 1_500));
    rmSync(file);
  }
}

/** As an operator does who has started the mail server again: else each start would cost half a minute. */
async function closeCircuits({ bench, settings }: KillScene): Promise<void> {
  await withDatabase(bench.servers, settings.database, (db) =>
    db.run(sql`update circuits set closes_at = now() where closes_at > now()`),
  );
}

async function waitForProgress(scene: KillScene, from: number, worker: BenchProcess): Promise<number> {
  for (const end = Date.now() + PROGRESS_TIMEOUT_MS; Date.now() < end; await sleep(20)) {
    const messages = await scene.sink.messages();
    if (messages > from) return messages;
    if (worker.hasEnded()) throw new Error(`The worker ended by itself: ${worker.logTail()}`);
  }
  throw new Error(`Nothing was sent for ${PROGRESS_TIMEOUT_MS / 1000} s: ${worker.logTail()}`);
}
