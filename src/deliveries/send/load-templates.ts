import { loadVariantTemplate } from '../../digests/compose/render-variant.js';
import { isolateEach } from '../../platform/process/isolate-faults.js';
import type { Chunk } from './chunk.js';
import type { WorkerContext } from './worker-context.js';

/** Of each variant in the chunk; there are few, whatever the number of readers. */
export async function loadTemplates(
  context: WorkerContext,
  { digest, publication, claimed }: Pick<Chunk, 'digest' | 'publication' | 'claimed'>,
): Promise<Pick<Chunk, 'templates' | 'templateFaults'>> {
  const variantIds = [...new Set(claimed.map((row) => row.variantId))];
  const { results, failures } = await isolateEach(variantIds, async (id) => {
    const load = () => loadVariantTemplate(context, publication, digest, id);
    return [id, await context.loadTemplate(id, load)] as const;
  });
  return {
    templates: new Map(results),
    templateFaults: new Map(failures.map(({ row, error }) => [row, error])),
  };
}
