// A process of its own that runs the private servers: argument one is JSON, answers are JSON lines on standard output.
import { startServers } from '../../src/platform/embedded/servers.js';

type Answer = Record<string, unknown> & { event: string };

const options = JSON.parse(process.argv[2] ?? '{}') as { dataDir: string; path: string; inbox?: boolean };

function answer(line: Answer): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

try {
  const servers = await startServers({
    postgres: true,
    redis: true,
    inbox: false,
    ...options,
    say: (line) => answer({ event: 'said', line }),
    onDeath: (sentence) => answer({ event: 'death', sentence }),
  });
  if (servers.owner) servers.announce('http://localhost:3456');
  process.on('SIGINT', () => answer({ event: 'interrupted' }));
  process.on('SIGTERM', () => void servers.stop().then(() => process.exit(0)));
  setInterval(() => {}, 1000);
  answer({ event: 'ready', ...servers, uid: process.getuid?.() }); // last: we may be signalled from now on
} catch (error) {
  answer({ event: 'failed', message: String(error) });
  process.exit(1);
}
