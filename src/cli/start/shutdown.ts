import type { Config } from '../../platform/config.js';

/**
 * Ctrl-C may reach us twice, from the terminal and through npm: a second signal within this time is no second request to
 * stop.
 */
const SIGNAL_ECHO_MS = 1_500;
/**
 * Longest orderly shutdown, in milliseconds: less than the stop_grace_period of docker-compose.yml, after which Docker
 * kills.
 */
const MAX_SHUTDOWN_MS = 30_000;

/**
 * Ends the process in an orderly way on the first SIGINT, SIGTERM or SIGHUP, at once on a second, and in 30 s whatever
 * happens.
 * @returns a function that stops in the same way for other reasons, with an exit code
 */
export function stopOnSignals(
  { isRunByNpm }: Pick<Config, 'isRunByNpm'>,
  stop: () => Promise<void>,
): (exitCode: number) => void {
  let since: number | undefined;
  const begin = (exitCode: number) => {
    if (since !== undefined) {
      if (performance.now() - since > SIGNAL_ECHO_MS) process.exit(1);
      return;
    }
    since = performance.now();
    setTimeout(() => process.exit(1), MAX_SHUTDOWN_MS).unref();
    stop().then(
      () => process.exit(exitCode),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => begin(0));
  if (isRunByNpm) watchNpm(() => begin(0));
  return begin;
}

const NPM_CHECK_MS = 500;

/**
 * `npm start` and npx run us in a shell, which a signal to npm ends without reaching us. Whoever is started by hand or by a
 * supervisor goes on when that one is gone.
 */
function watchNpm(stop: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, NPM_CHECK_MS);
  timer.unref();
}
