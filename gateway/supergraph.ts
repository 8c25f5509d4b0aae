import type { Clock } from '@greencity/platform/clock/port';
import type { AppError } from '@greencity/platform/errors';
import type { Metrics } from '@greencity/platform/metrics/port';
import { openServing, type Serving, type ServingDependencies, supergraphVersion } from './serving.ts';

/** Which supergraph is served, and which one was last refused. */
export interface SupergraphState {
  readonly version: string;
  /** Unix ms. */
  readonly loadedAtMs: number;
  /** The last one that was offered and not taken; missing once one has been taken after it. */
  readonly refused?: { readonly version: string; readonly reason: string; readonly atMs: number };
}

/** The supergraph that is served, which may be replaced while requests run. */
export interface Supergraph {
  readonly current: Serving;
  readonly state: SupergraphState;
  /** Serves another from now on; what runs ends on the one that it began with. One at a time. @throws AppError BAD_SUPERGRAPH: nothing has changed */
  reload(supergraphSdl: string): Promise<void>;
  close(): Promise<void>;
}

export interface SupergraphDependencies extends ServingDependencies {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Called when another supergraph is served: takes along what was begun on the one before. */
  readonly replaced: () => Promise<void>;
}

/** @throws AppError BAD_SUPERGRAPH */
export async function openSupergraph(supergraphSdl: string, dependencies: SupergraphDependencies): Promise<Supergraph> {
  const { clock, log, metrics, replaced } = dependencies;
  const reloads = metrics.counter('gateway_supergraph_reloads_total', 'Supergraphs that were taken while running.');
  const refusals = metrics.counter('gateway_supergraph_refusals_total', 'Supergraphs that were offered and refused.');
  let current = await openServing(supergraphSdl, dependencies);
  let state: SupergraphState = { version: current.version, loadedAtMs: clock.nowMs() };
  let turn: Promise<void> = Promise.resolve();
  const retiring = new Set<Promise<void>>();

  const retire = (serving: Serving): void => {
    const retired = serving
      .retire()
      .catch((error: unknown) => log.error({ error }, 'an old supergraph did not stop in order'))
      .finally(() => retiring.delete(retired));
    retiring.add(retired);
  };
  const take = async (next: string): Promise<void> => {
    const version = supergraphVersion(next);
    if (version === current.version) return;
    let serving: Serving;
    try {
      serving = await openServing(next, dependencies);
    } catch (error) {
      const reason = (error as AppError).message;
      state = { ...state, refused: { version, reason, atMs: clock.nowMs() } };
      refusals.add();
      log.error({ version, served: current.version, error }, 'a supergraph was refused; the one before stays');
      throw error;
    }
    const before = current;
    current = serving;
    state = { version, loadedAtMs: clock.nowMs() };
    reloads.add();
    log.info({ version, before: before.version }, 'another supergraph is served');
    await replaced();
    retire(before);
  };
  return {
    get current() {
      return current;
    },
    get state() {
      return state;
    },
    reload(next) {
      const taken = turn.then(() => take(next));
      turn = taken.catch(() => undefined);
      return taken;
    },
    async close() {
      await turn;
      retire(current);
      await Promise.all(retiring);
    },
  };
}
