import type { Bench } from './bench.js';
import { makeCertificate } from './certificate.js';
import { medianFigure, type Figure } from './figures.js';
import { sendOnce, type SendOptions, type SendRun } from './send-run.js';
import type { SinkCount, SinkOptions } from './sink-child.js';
import { startCountingSink, type CountingSink } from './sinks.js';
import type { Stage } from './stage.js';
import { runCommand, type WorkerSettings } from './workers.js';

/** Something that may be switched on, and what it must leave behind at the sink for the run to count. */
type Option = {
  what: string;
  bar?: { least: number };
  sink: SinkOptions;
  send: SendOptions;
  shows: (count: SinkCount) => boolean;
};

/**
 * What TLS and signatures cost: the rate with and without, interleaved, into the built-in sink, because Postfix's knows
 * no TLS and cannot tell whether a message was signed.
 */
export async function sendOptions(bench: Bench, readers: number): Promise<Figure[]> {
  const stage = await bench.stage(readers);
  const figures: Figure[] = [];
  for (const option of optionsOf(bench)) {
    bench.say(`send ${option.what}`);
    figures.push(await measureOption(bench, stage, option).catch((error: unknown) => failed(option, error)));
  }
  return figures;
}

function optionsOf(bench: Bench): Option[] {
  const certificate = makeCertificate(bench.servers.folder);
  const signed = (algorithm: string): Omit<Option, 'what'> => ({
    sink: {},
    send: { prepare: (_, settings) => createKey(bench, settings, algorithm) },
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
    { ...signed('ed25519'), what: 'DKIM ed25519 / without', bar: { least: 0.75 } },
  ];
}

async function measureOption(bench: Bench, stage: Stage, option: Option): Promise<Figure> {
  const { folder } = bench.servers;
  const [plain, other] = [await startCountingSink(folder), await startCountingSink(folder, option.sink)];
  try {
    const ratios: number[] = [];
    const runs: SendRun[] = [];
    for (let run = 1; run <= bench.options.runs; run += 1) {
      const without = await sendOnce(stage, plain);
      const withIt = await sendShowing(stage, other, option);
      bench.say(`${Math.round(withIt.perSecond)}/s with, ${Math.round(without.perSecond)}/s without`);
      ratios.push(withIt.perSecond / without.perSecond);
      runs.push(without, withIt);
    }
    const broken = runs.find((run) => run.void !== undefined)?.void;
    const line = { ...lineOf(option), ...(broken === undefined ? {} : { void: broken }) };
    return medianFigure({ ...line, note: `${stage.readers} readers, into the built-in sink` }, ratios);
  } finally {
    await Promise.all([plain.stop(), other.stop()]);
  }
}

/** A run that was not what it claims to be proves nothing. */
async function sendShowing(
  stage: Stage,
  sink: CountingSink,
  { send, shows, what }: Option,
): Promise<SendRun> {
  await sink.forget();
  const run = await sendOnce(stage, sink, send);
  return shows(await sink.count()) ? run : { ...run, void: `the sink saw nothing of it: ${what}` };
}

/** With the house's own verbs. There is no DNS here, so nobody looks whether the record is published. */
async function createKey({ servers }: Bench, settings: WorkerSettings, algorithm: string): Promise<void> {
  const create = ['dkim', 'create', '--domain', 'bench.example', '--algorithm', algorithm];
  for (const words of [create, [...create, '--activate', '--unchecked']]) {
    const { code, output } = runCommand(servers, settings, words);
    if (code !== 0) throw new Error(`dkim create: ${output.trim().split('\n')[0] ?? ''}`);
  }
}

function failed(option: Option, error: unknown): Figure {
  return {
    ...lineOf(option),
    value: undefined,
    note: error instanceof Error ? error.message : String(error),
  };
}

function lineOf({ what, bar }: Option) {
  return { bench: 'send', what, unit: 'x', ...(bar === undefined ? {} : { bar }) };
}
