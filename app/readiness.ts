import type { ReadinessCheck } from '@greencity/gateway/http/health';
import type { Basics } from './adapters.ts';
import type { Parts } from './parts.ts';

const CATCH_UP_AGAIN_MS = 1_000;

interface CatchingUp {
  caughtUp(): Promise<void>;
}

/** A part is ready once everything that was in the log when it started has had its effect; from then on it stays so. Where messages come from is asked each time. */
export function readiness(
  { directory, subgraphs, checks }: Parts,
  basics: Basics,
  stack: AsyncDisposableStack,
): Readonly<Record<string, ReadinessCheck>> {
  const closing = new AbortController();
  stack.defer(() => closing.abort());
  const parts: [string, CatchingUp][] = subgraphs.map((subgraph) => [subgraph.name, subgraph]);
  if (directory) parts.unshift(['directory', directory]);
  const caughtUp = Object.fromEntries(
    parts.map(([name, part]) => {
      let done = false;
      void catchUp(name, part, basics, closing.signal).then(() => {
        done = true;
      });
      const check = () => {
        if (!done) throw new Error(`${name} is still reading the log`);
      };
      return [name, check];
    }),
  );
  return { ...caughtUp, ...checks };
}

/** Resolves when a part has caught up, or the platform is closing. What fails, as on a full disk, is tried again: the other parts go on. */
async function catchUp(name: string, part: CatchingUp, { clock, log }: Basics, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      return await part.caughtUp();
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ part: name, error }, 'a part could not catch up with the log, will try again');
      await clock.sleep(CATCH_UP_AGAIN_MS, signal);
    }
  }
}
