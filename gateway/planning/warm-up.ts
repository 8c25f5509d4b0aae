import type { Logger } from '@greencity/platform/log/port';
import type { Graph } from '../graph.ts';

/** Plans operations before anybody asks for them, one a turn of the event loop. What cannot be planned is told and left out: whoever asks for it hears why. */
export async function warmUp(graph: Graph, sources: Iterable<string>, log: Logger): Promise<number> {
  let planned = 0;
  for (const source of sources) {
    const admission = graph.documents.admit(source);
    if (admission.kind === 'refused') continue;
    try {
      graph.engine.compiled({ source, document: admission.document, operationName: undefined });
      planned += 1;
    } catch (error) {
      log.warn({ error }, 'an operation could not be planned ahead');
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return planned;
}
