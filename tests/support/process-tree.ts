import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readPidIdentity } from '../../src/platform/process/identity.js';

/** Remembers a process and all it has started. The function answers which of them still live. */
export function trackProcessTree(pid: number): () => number[] {
  const members = [pid, ...listDescendants(pid)].map((member) => ({
    member,
    identity: readPidIdentity(member),
  }));
  return () =>
    members
      .filter(({ member, identity }) => identity !== undefined && readPidIdentity(member) === identity)
      .map(({ member }) => member);
}

function listDescendants(pid: number): number[] {
  const parents = process.platform === 'linux' ? parentsFromProc() : parentsFromPs();
  const below = (parent: number): number[] =>
    parents.flatMap(([child = 0, itsParent]) => (itsParent === parent ? [child, ...below(child)] : []));
  return below(pid);
}

/** Pairs of a process and its parent. */
function parentsFromProc(): number[][] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => [Number(pid), Number(/^PPid:\s*(\d+)/m.exec(statusOf(pid))?.[1])]);
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}

function parentsFromPs(): number[][] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return rows.map((row) => row.trim().split(/\s+/).map(Number));
}
