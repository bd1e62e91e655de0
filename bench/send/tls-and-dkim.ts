import type { Bench } from '../bench.js';
import { makeCertificate } from '../support/certificate.js';
import { medianMetric, type Metric } from '../support/metrics.js';
import { sendOnce, type SendOptions, type SendRun } from './send-run.js';
import type { SinkCount, SinkOptions } from '../support/sink/sink-child.js';
import { startCountingSink, type CountingSink } from '../support/sink/sinks.js';
import type { Fixture } from '../seed/fixture.js';
import { runCommand, type ProcessSettings } from '../support/processes.js';

/** Something that may be switched on. `shows`: whether the sink saw it in use; a run where it did not is invalid. */
type SendOption = {
  what: string;
  target?: { min: number };
  sink: SinkOptions;
  send: SendOptions;
  shows: (count: SinkCount) => boolean;
};

/**
 * What TLS and signatures cost: the rate with and without, interleaved, into the built-in sink, because Postfix's knows
 * no TLS and cannot tell whether a message was signed.
 */
export async function measureTlsAndDkim(bench: Bench, readers: number): Promise<Metric[]> {
  const fixture = await bench.fixture(readers);
  const metrics: Metric[] = [];
  for (const option of listSendOptions(bench)) {
    bench.log(`send ${option.what}`);
    metrics.push(
      await measureOption(bench, fixture, option).catch((error: unknown) => failedMetric(option, error)),
    );
  }
  return metrics;
}

function listSendOptions(bench: Bench): SendOption[] {
  const certificate = makeCertificate(bench.servers.folder);
  const signed = (algorithm: string): Omit<SendOption, 'what'> => ({
    sink: {},
    send: { prepare: async (_, settings) => createDkimKey(bench, settings, algorithm) },
    shows: (count) => count.signed === count.messages,
  });
  return [
    {
      what: 'over STARTTLS / without',
      sink: { tls: certificate },
      send: {
        environment: { NODE_EXTRA_CA_CERTS: certificate?.file ?? '' },
        prepare: async () => {
          if (certificate === undefined) throw new Error('there is no openssl to make a certificate with');
        },
      },
      shows: ({ secure }) => secure > 0,
    },
    { ...signed('rsa'), what: 'DKIM rsa-2048 / without' },
    { ...signed('ed25519'), what: 'DKIM ed25519 / without', target: { min: 0.75 } },
  ];
}

async function measureOption(bench: Bench, fixture: Fixture, option: SendOption): Promise<Metric> {
  const { folder } = bench.servers;
  const [plain, other] = [await startCountingSink(folder), await startCountingSink(folder, option.sink)];
  try {
    const ratios: number[] = [];
    const runs: SendRun[] = [];
    for (let run = 1; run <= bench.options.runs; run += 1) {
      const without = await sendOnce(fixture, plain);
      const withIt = await sendAndVerify(fixture, other, option);
      bench.log(`${Math.round(withIt.perSecond)}/s with, ${Math.round(without.perSecond)}/s without`);
      ratios.push(withIt.perSecond / without.perSecond);
      runs.push(without, withIt);
    }
    const broken = runs.find((run) => run.invalid !== undefined)?.invalid;
    const line = { ...metricLine(option), ...(broken === undefined ? {} : { invalid: broken }) };
    return medianMetric({ ...line, note: `${fixture.readers} readers, into the built-in sink` }, ratios);
  } finally {
    await Promise.all([plain.stop(), other.stop()]);
  }
}

async function sendAndVerify(
  fixture: Fixture,
  sink: CountingSink,
  { send, shows, what }: SendOption,
): Promise<SendRun> {
  await sink.reset();
  const run = await sendOnce(fixture, sink, send);
  return shows(await sink.count()) ? run : { ...run, invalid: `the sink did not see it in use: ${what}` };
}

/** With the product's own operations. There is no DNS here, so nobody looks whether the record is published. */
function createDkimKey({ servers }: Bench, settings: ProcessSettings, algorithm: string): void {
  const create = ['dkim', 'create', '--domain', 'bench.example', '--algorithm', algorithm];
  for (const words of [create, [...create, '--activate', '--unchecked']])
    runCommand(servers, settings, words);
}

function failedMetric(option: SendOption, error: unknown): Metric {
  return {
    ...metricLine(option),
    value: undefined,
    note: error instanceof Error ? error.message : String(error),
  };
}

function metricLine({ what, target }: SendOption) {
  return { bench: 'send', what, unit: 'x', ...(target === undefined ? {} : { target }) };
}
