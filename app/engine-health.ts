/** Whether the engines of a process answer, and what that means for its roles. */
import type { ReadinessCheck } from '@greencity/gateway/http/health';
import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { Role, Roles } from './roles.ts';

export type PingedEngine = 'eventLog' | 'timeSeries' | 'documents' | 'pubSub';

/** Engines without which a role cannot do what it is there for. Without the others it does less, and says so. */
const NEEDED: Readonly<Record<Role, readonly PingedEngine[]>> = {
  ingest: ['eventLog'],
  devices: ['documents'],
  measurements: ['timeSeries'],
  alerts: ['documents'],
  predictions: [],
  gateway: [],
};
const ANSWER_WITHIN_MS = 2_000;

export interface EngineHealth {
  /** Asks this engine from now on. */
  watch(name: PingedEngine, ping: () => Promise<void>): void;
  /** What decides whether a process with these roles is ready, of the engines that are watched now. */
  checks(roles: Roles): Readonly<Record<string, ReadinessCheck>>;
  /** Of the other engines: `ready`, or the code of what is wrong. */
  states(roles: Roles): Promise<Readonly<Record<string, string>>>;
}

/** Asks no engine before somebody wants to know. */
export function engineHealth(clock: Clock): EngineHealth {
  const watched = new Map<PingedEngine, () => Promise<void>>();
  const split = (roles: Roles, needed: boolean) =>
    [...watched].filter(([name]) => needed === [...roles].some((role) => NEEDED[role].includes(name)));
  return {
    watch: (name, ping) => void watched.set(name, soon(name, ping, clock)),
    checks: (roles) => Object.fromEntries(split(roles, true)),
    async states(roles) {
      const asked = split(roles, false).map(async ([name, ping]) => [name, await stateOf(ping)] as const);
      return Object.fromEntries(await Promise.all(asked));
    },
  };
}

async function stateOf(ping: () => Promise<void>): Promise<string> {
  try {
    await ping();
    return 'ready';
  } catch (error) {
    return error instanceof AppError ? error.code : 'UNAVAILABLE';
  }
}

/** The ping with a deadline. One question is under way at a time, however often somebody wants to know: an engine that hangs is not asked again and again. */
function soon(name: PingedEngine, ping: () => Promise<void>, clock: Clock): () => Promise<void> {
  let asked: Promise<void> | undefined;
  return async () => {
    asked ??= ping().finally(() => {
      asked = undefined;
    });
    const answered = new AbortController();
    const late = clock.sleep(ANSWER_WITHIN_MS, answered.signal).then(() => {
      if (!answered.signal.aborted)
        throw new AppError('ENGINE_UNREACHABLE', `${name}: no answer within ${ANSWER_WITHIN_MS} ms`);
    });
    try {
      await Promise.race([asked, late]);
    } finally {
      answered.abort();
      await late.catch(() => undefined);
    }
  };
}
