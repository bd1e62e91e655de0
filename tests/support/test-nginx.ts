import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from './wait-until.js';

const binary = ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0);

/** Whether there is one. */
export const hasNginx = binary !== undefined;

/** An nginx of its own that takes `path` away in front of a server on this machine, and has nothing else: 418. */
export async function startNginx(options: {
  port: number;
  path: string;
  upstreamPort: number;
}): Promise<{ stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'paperround-nginx-'));
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, options));
  const server = spawn(binary ?? 'nginx', ['-p', folder, '-e', 'stderr', '-c', file], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  await waitUntil(() =>
    fetch(`http://127.0.0.1:${options.port}/`).then(
      () => true,
      () => false,
    ),
  );
  return {
    stop: async () => {
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The `location` is what docs/install.md says. */
function configuration(
  folder: string,
  { port, path, upstreamPort }: { port: number; path: string; upstreamPort: number },
): string {
  const spools = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
    daemon off;
    master_process off;
    pid ${folder}/pid;
    events {}
    http {
      access_log off;
      ${spools.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
      server {
        listen 127.0.0.1:${port};
        location ${path}/ {
          proxy_pass http://127.0.0.1:${upstreamPort}/;
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_set_header X-Forwarded-Proto $scheme;
        }
        location / {
          return 418;
        }
      }
    }
  `;
}
