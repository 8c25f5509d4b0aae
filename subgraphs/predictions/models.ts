import type { Clock } from '@greencity/platform/clock/port';
import { startThread, type Thread } from './calls.ts';
import type { ForecastInput, ForecastProfile } from './domain/forecast.ts';
import type { HeatMapGrid, HeatMapInput } from './domain/heat-map.ts';
import type { ModelMethods } from './models-thread.ts';

/** The models, worked out in a thread that starts when it is needed and ends when it has not been for a while. */
export interface Models {
  /** @throws AppError UNAVAILABLE when too many wait */
  forecast(input: ForecastInput): Promise<ForecastProfile | undefined>;
  /** @throws AppError UNAVAILABLE when too many wait */
  heatMap(input: HeatMapInput): Promise<HeatMapGrid>;
  close(): Promise<void>;
}

/** A forecast takes up to two seconds: who is last in a longer line has given up before it comes. */
const CALLS_MAX = 64;
const IDLE_MS = 60_000;
const LOOK_EVERY_MS = 20_000;

/** No thread runs yet. */
export function createModels(clock: Clock): Models {
  let thread: Thread<ModelMethods> | undefined;
  let asking = 0;
  let usedMs = 0;

  async function ask<T>(work: (thread: Thread<ModelMethods>) => Promise<T>): Promise<T> {
    thread ??= startThread<ModelMethods>({
      url: new URL('./models-thread.ts', import.meta.url),
      name: 'the thread of the models',
      callsMax: CALLS_MAX,
    });
    asking += 1;
    const asked = thread;
    try {
      return await work(asked);
    } catch (error) {
      // A thread that broke is not asked again.
      if (asked.hasEnded() && thread === asked) thread = undefined;
      throw error;
    } finally {
      asking -= 1;
      usedMs = clock.elapsedMs();
    }
  }

  async function end(): Promise<void> {
    const ending = thread;
    thread = undefined;
    await ending?.close();
  }

  const watching = clock.every(LOOK_EVERY_MS, () => {
    if (asking === 0 && clock.elapsedMs() - usedMs >= IDLE_MS) return end();
    return undefined;
  });
  return {
    forecast: (input) => ask((asked) => asked.call('forecast', input)),
    heatMap: (input) => ask((asked) => asked.call('heatMap', input)),
    async close() {
      watching[Symbol.dispose]();
      await end();
    },
  };
}
