import { DEFAULT_READERS, type Bench } from '../bench.js';
import type { Metric } from '../support/metrics.js';

/** How long it takes to fill the tables that `send` starts from: a publication, confirmed readers, released articles. */
export async function measureSeed(bench: Bench): Promise<Metric[]> {
  const readers = bench.options.readers ?? DEFAULT_READERS;
  const { seedSeconds, variants } = await bench.fixture(readers);
  const note = `${readers} readers in 12 zones and 3 languages, whose next digest has ${variants} variants`;
  return [
    { bench: 'seed', what: `${readers} readers`, value: seedSeconds, unit: 's', note },
    { bench: 'seed', what: 'readers', value: readers / seedSeconds, unit: '/s' },
  ];
}
