/**
 * The program of the reaper, as CommonJS for `node -e`. It reads a JSON message from each line of its input: {pid, identity,
 * signal} is a process to stop, {directory} a directory to remove, {dismissed} makes it exit and do neither. At the end of
 * input it signals each process that is still the same one, and kills those left after 20 s. Its identityOf repeats
 * readPidIdentity of process/identity.ts, which a string cannot import; if the two differ, the tests that kill -9 a process
 * and wait for its servers to end fail.
 */
export const reaperScript = `
'use strict';
const { readFileSync, rmSync } = require('node:fs');
const { execFileSync } = require('node:child_process');

const servers = [];
const directories = [];
let dismissed = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
require('node:readline').createInterface({ input: process.stdin }).on('line', remember).on('close', stopServers);

function remember(line) {
  const message = JSON.parse(line);
  if (message.dismissed) dismissed = true;
  else if (message.directory) directories.push(message.directory);
  else servers.push(message);
}

function stopServers() {
  if (dismissed) process.exit(0);
  for (const server of servers.filter(isStillThere)) signal(server, server.signal);
  const killAt = Date.now() + 20_000;
  const timer = setInterval(() => {
    const left = servers.filter(isStillThere);
    if (Date.now() > killAt) for (const server of left) signal(server, 'SIGKILL');
    if (left.length > 0) return;
    clearInterval(timer);
    for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    process.exit(0);
  }, 50);
}

function isStillThere({ pid, identity }) {
  try {
    return identityOf(pid) === identity;
  } catch {
    return false;
  }
}

function identityOf(pid) {
  if (process.platform !== 'linux') {
    const words = execFileSync('/bin/ps', ['-p', String(pid), '-o', 'state=,lstart='], { encoding: 'utf8' });
    const [state, ...started] = words.trim().split(/\\s+/);
    return state.startsWith('Z') ? '' : started.join(' ');
  }
  const stat = readFileSync('/proc/' + pid + '/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return fields[0] === 'Z' || fields[0] === 'X' ? '' : boot + ' ' + fields[19];
}

function signal({ pid }, name) {
  try {
    process.kill(pid, name);
  } catch {}
}
`;
