import { waitUntil } from '../support/wait-until.js';
import type { Debian } from './debian.js';

const UNITS = ['paperround-web', 'paperround-worker'];
/** Of systemd-analyze security, in tenths: below 2 is as closed as a program with a just-in-time compiler can be. */
const MAX_EXPOSURE = 20;

/** What the units promise: they are in order, closed, start again what is killed or hangs, and stop in time. */
export async function checkUnits(debian: Debian, say: (line: string) => void): Promise<void> {
  const must = async (line: string, words: RegExp = /^/) => {
    const { status, output } = await debian.run(line);
    if (status !== 0 || !words.test(output)) throw new Error(`${line}: exit code ${status}\n${output}`);
    return output;
  };
  const pidOf = async (unit: string) =>
    Number(await must(`systemctl show --property=MainPID --value ${unit}`));
  await must(
    'stat --format "%a %U %G" /etc/paperround/env /var/lib/paperround',
    /^640 root paperround\n700 paperround paperround\n$/,
  );
  await must('journalctl --unit paperround-worker --output cat', /"event":"started".*"queue":"postgres"/);
  for (const unit of UNITS) {
    const verified = await must(`systemd-analyze verify ${unit}.service`);
    if (verified !== '') throw new Error(`${unit}: ${verified}`);
    const security = `systemd-analyze security --offline=yes --threshold=${MAX_EXPOSURE}`;
    const exposure = await must(`${security} /etc/systemd/system/${unit}.service`, /exposure level for/);
    say(`    ${unit}: ${/exposure level for .*?: ([\d.]+ \w+)/.exec(exposure)?.[1]}`);
    // A hang is found sooner than in the minute of the unit.
    const dropIn = `/run/systemd/system/${unit}.service.d`;
    await must(
      `mkdir -p ${dropIn}; printf '[Service]\\nWatchdogSec=15\\n' > ${dropIn}/soon.conf; systemctl daemon-reload`,
    );
    const stopping = performance.now();
    await must(`systemctl restart ${unit}; systemctl is-active ${unit}`, /^active/);
    if (performance.now() - stopping > 40_000) throw new Error(`${unit} took too long to restart.`);
    for (const signal of ['KILL', 'STOP']) {
      const before = await pidOf(unit);
      await must(`kill -${signal} ${before}`);
      await waitUntil(async () => {
        const now = await pidOf(unit);
        return now !== 0 && now !== before && (await debian.run(`systemctl is-active ${unit}`)).status === 0;
      }, 240_000);
      say(`    ${unit}: started again after SIG${signal}`);
    }
    await must(`systemctl stop ${unit}; systemctl show --property=Result --value ${unit}`, /^success/);
    await must(
      `rm -r /run/systemd/system/${unit}.service.d; systemctl daemon-reload; systemctl start ${unit}`,
    );
  }
}
