import { readFileSync } from 'node:fs';

// Loaded into a process before its own code (node --import): its wall clock is off by as many milliseconds as the file
// CLOCK_OFFSET_FILE says, at any moment. The monotonic clock and timers go on, as when somebody sets the clock of a machine.

const READ_INTERVAL_MS = 20;
const file = process.env['CLOCK_OFFSET_FILE'] ?? '';
const WallDate = Date;
let offsetMs = 0;

const readOffset = () => (offsetMs = Number(readFileSync(file, 'utf8')));
const now = () => WallDate.now() + offsetMs;

readOffset();
setInterval(readOffset, READ_INTERVAL_MS).unref();
globalThis.Date = new Proxy(WallDate, {
  construct: (target, parts, self) => Reflect.construct(target, parts.length === 0 ? [now()] : parts, self),
  apply: () => new WallDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
