import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { startNotifying } from '../../src/cli/start/notify-systemd.js';
import { readConfig } from '../../src/platform/config.js';
import { createLog } from '../../src/platform/log.js';
import { waitUntil } from '../support/wait-until.js';

const canListen = ['systemd-notify', 'python3'].every((name) => spawnSync(name, ['--version']).status === 0);
const withSystemd = canListen ? test : test.skip;
const folder = mkdtempSync(join(tmpdir(), 'paperround-notify-'));
const socket = join(folder, 'notify');

/** What systemd does with NOTIFY_SOCKET: it reads datagrams from it. */
const LISTEN = `
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("bound", flush=True)
while True: print(listener.recv(4096).decode().replace("\\n", " "), flush=True)
`;

afterEach(() => {
  delete process.env['NOTIFY_SOCKET'];
  rmSync(folder, { recursive: true, force: true });
});

withSystemd(
  `systemd is told that the process is ready, and within its watchdog's time that it goes on${canListen ? '' : ' (skipped: no systemd here)'}`,
  async () => {
    const listener = spawn('python3', ['-c', LISTEN, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    let heard = '';
    listener.stdout.on('data', (bytes: Buffer) => (heard += bytes.toString()));
    await waitUntil(() => heard === 'bound\n');
    process.env['NOTIFY_SOCKET'] = socket;
    const { systemd } = readConfig({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '300000' });
    if (systemd === undefined) throw new Error('Systemd was not noticed.');
    const stop = startNotifying(systemd, createLog('silent'));
    try {
      await waitUntil(() => (heard.match(/^READY=1 WATCHDOG=1 *$/gm) ?? []).length >= 3);
    } finally {
      await stop();
      listener.kill();
    }
  },
);

test('a process that systemd did not start tells it nothing', () => {
  expect(readConfig({}).systemd).toBeUndefined();
  expect(readConfig({ NOTIFY_SOCKET: socket }).systemd).toEqual({ watchdogMs: undefined });
});
