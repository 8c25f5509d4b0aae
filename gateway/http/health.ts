import type { ServerResponse } from 'node:http';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { SupergraphState } from '../supergraph.ts';
import { type Handler, onlyGet, sendJson } from './handler.ts';

/** Whether a part is ready to serve: resolves when it is, rejects with the reason when it is not; the code of an AppError is told at `/ready`. */
export type ReadinessCheck = () => void | Promise<void>;

export interface HealthDependencies {
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Checks behind `/ready`, by the name of the part. */
  readonly ready: Readonly<Record<string, ReadinessCheck>>;
  /** Told at `/ready` without deciding it: parts in other processes and engines, whose failure only takes what is theirs. */
  readonly elsewhere?: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** Told at `/ready` by a gateway: which supergraph is served, and which one was last refused. */
  readonly supergraph?: () => SupergraphState;
}

/** `/live`, `/ready` and `/metrics`, which every process has. */
export function healthRoutes(dependencies: HealthDependencies): Readonly<Record<string, Handler>> {
  const told = new Map<string, string>();
  return {
    '/live': onlyGet((_, response) => sendJson(response, 200, { status: 'live' })),
    '/ready': onlyGet((_, response) => ready(dependencies, told, response)),
    '/metrics': onlyGet((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(dependencies.metrics.exposition());
    }),
  };
}

async function ready(
  { ready: parts, elsewhere, supergraph, log }: HealthDependencies,
  told: Map<string, string>,
  response: ServerResponse,
): Promise<void> {
  const asked = elsewhere?.() ?? {};
  const checks = await Promise.all(
    Object.entries(parts).map(async ([name, check]) => {
      try {
        await check();
        if (told.delete(name)) log.info({ part: name }, 'a part is ready again');
        return [name, 'ready'] as const;
      } catch (error) {
        const named = error instanceof AppError;
        const state = named ? error.code : 'not ready';
        const why = named ? { error } : { detail: (error as Error).message };
        // Probes ask every few seconds: what they are answered is told when it changes.
        if (told.get(name) !== state) log.warn({ part: name, ...why }, 'a part is not ready');
        told.set(name, state);
        return [name, state] as const;
      }
    }),
  );
  const all = checks.every(([, state]) => state === 'ready');
  const outside = await asked;
  const others = {
    ...(Object.keys(outside).length > 0 && { elsewhere: outside }),
    ...(supergraph && { supergraph: supergraphState(supergraph()) }),
  };
  const status = all ? 'ready' : 'not ready';
  sendJson(response, all ? 200 : 503, { status, checks: Object.fromEntries(checks), ...others });
}

/** Why one was refused is in the log: it may name what is inside. */
function supergraphState({ version, loadedAtMs, refused }: SupergraphState): object {
  return {
    version,
    loadedAt: new Date(loadedAtMs).toISOString(),
    ...(refused && { refused: { version: refused.version, at: new Date(refused.atMs).toISOString() } }),
  };
}
