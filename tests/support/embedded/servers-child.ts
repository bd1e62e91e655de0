// A process of its own that runs the private servers: argument one is JSON, answers are JSON lines on standard output.
import { startServers } from '../../../src/platform/embedded/servers.js';

type EventLine = Record<string, unknown> & { event: string };

const options = JSON.parse(process.argv[2] ?? '{}') as {
  dataDir: string;
  searchPath: string;
  inbox?: boolean;
};

function writeEvent(line: EventLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

try {
  const servers = await startServers({
    postgres: true,
    redis: true,
    inbox: false,
    ...options,
    report: (line) => writeEvent({ event: 'said', line }),
    onServerExit: (sentence) => writeEvent({ event: 'death', sentence }),
  });
  if (servers.isOwner) servers.publishUrl('http://localhost:3456');
  process.on('SIGINT', () => writeEvent({ event: 'interrupted' }));
  process.on('SIGTERM', () => void servers.stop().then(() => process.exit(0)));
  setInterval(() => {}, 1000);
  writeEvent({ event: 'ready', ...servers, uid: process.getuid?.() }); // last: the test may send signals from now on
} catch (error) {
  writeEvent({ event: 'failed', message: String(error) });
  process.exit(1);
}
