/** Runs the simulated city against a platform: registers its nodes, fills in history that is missing, then sends live. Light enough to run beside the platform in its process. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@greencity/platform/clock/port';
import type { Logger } from '@greencity/platform/log/port';
import { type Api, ApiError, openApi } from '../operator/api.ts';
import { measurementsTopic, packMessages, type Reading } from '../operator/message.ts';
import { type BrokerAddress, type MqttSession, openSession, SignInRefused } from '../operator/mqtt-session.ts';
import { ensureDevice, forEachOfMany } from '../operator/roster.ts';
import { type City, simulatedCity } from './city.ts';
import { type Member, musterFleet, savePasswords } from './fleet.ts';
import { type Schedule, schedule } from './schedule.ts';

const DEFAULT_SEED = 42;
const DEFAULT_INTERVAL_MS = 60_000;
const CREDENTIALS_FILE = 'simulated-devices.json';
/** Connections at a time: nodes connect, send and leave in turn. */
const SESSIONS_AT_ONCE = 4;
/** History is filled in by slices of this length over all nodes, so that the map is whole at every moment. */
const SLICE_MS = 6 * 3_600_000;
const TICK_MS = 250;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;

export interface SimulateOptions {
  readonly api: Api;
  readonly broker: BrokerAddress;
  readonly nodes: number;
  readonly seed: number;
  /** Time between two readings of a node. */
  readonly intervalMs: number;
  /** Length of the history that nodes without any begin with. */
  readonly historyMs: number;
  /** Where passwords are kept between runs; undefined makes new ones each time. */
  readonly credentialsFile: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Told of each node's readings once they are acknowledged. */
  readonly onSent?: (readings: number) => void;
  /** Told once history that was missing has been sent and acknowledged. */
  readonly onHistory?: (() => void) | undefined;
}

interface State extends SimulateOptions {
  readonly city: City;
  readonly schedule: Schedule;
  /** Nodes that have said in this run that they are online. */
  readonly greeted: Set<string>;
  members: readonly Member[];
}

/** Resolves when the signal is aborted. While the platform is away it waits and sends what was measured meanwhile. */
export async function simulate(options: SimulateOptions): Promise<void> {
  const { clock, log, signal } = options;
  const state: State = {
    ...options,
    city: simulatedCity(options),
    schedule: schedule(options.intervalMs),
    greeted: new Set(),
    members: [],
  };
  for (let delayMs = RETRY_FIRST_MS; !signal.aborted; ) {
    try {
      await work(state, () => {
        delayMs = RETRY_FIRST_MS;
      });
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ retryDelayMs: delayMs, error }, 'simulation interrupted, will go on');
      await clock.sleep(delayMs, signal);
      delayMs = Math.min(2 * delayMs, RETRY_MAX_MS);
    }
  }
}

async function work(state: State, onProgress: () => void): Promise<void> {
  const { clock, signal, log } = state;
  if (state.members.length === 0) {
    state.members = await musterFleet({ ...state, fromMs: clock.nowMs() - state.historyMs });
    log.info({ nodes: state.members.length }, 'simulated nodes are registered');
  }
  await fillIn(state, onProgress);
  while (!signal.aborted) {
    const nowMs = clock.nowMs();
    const due = state.members.filter(({ node, sentToMs }) => state.schedule.due(node.id, sentToMs, nowMs));
    await sendAll(state, due, nowMs);
    onProgress();
    await clock.sleep(TICK_MS, signal);
  }
}

/** Sends all that is missing up to now, in slices of time. */
async function fillIn(state: State, onProgress: () => void): Promise<void> {
  const { clock, log, signal } = state;
  const startedMs = clock.nowMs();
  const oldestMs = () => Math.min(...state.members.map(({ sentToMs }) => sentToMs));
  if (oldestMs() > startedMs - SLICE_MS / 6) return;
  for (let untilMs = oldestMs() + SLICE_MS; !signal.aborted; untilMs += SLICE_MS) {
    const nowMs = clock.nowMs();
    const behind = state.members.filter(({ sentToMs }) => sentToMs < Math.min(untilMs, nowMs));
    await sendAll(state, behind, Math.min(untilMs, nowMs));
    onProgress();
    if (untilMs >= nowMs) break;
  }
  if (signal.aborted) return;
  log.info({ seconds: (clock.nowMs() - startedMs) / 1000 }, 'simulated history is in');
  state.onHistory?.();
}

async function sendAll(state: State, members: readonly Member[], untilMs: number): Promise<void> {
  await forEachOfMany(
    members,
    async (member) => {
      if (!state.signal.aborted) await sendOne(state, member, untilMs);
    },
    SESSIONS_AT_ONCE,
  );
}

function* readings({ city, schedule: when }: State, { node, sentToMs }: Member, untilMs: number): Generator<Reading> {
  for (const timeMs of when.moments(node.id, sentToMs, untilMs)) {
    const values = city.reading(node, timeMs);
    if (values) yield { timeMs, values };
  }
}

/** One node connects, sends what it measured since the last time, and leaves. */
async function sendOne(state: State, member: Member, untilMs: number): Promise<void> {
  const messages = [...packMessages(readings(state, member, untilMs))];
  if (messages.length > 0) {
    const session = await connect(state, member);
    try {
      await greet(state, session, member.node.id);
      for (const { payload } of messages) await session.publish({ topic: measurementsTopic(member.node.id), payload });
    } finally {
      await session.end();
    }
    state.onSent?.(messages.reduce((sum, message) => sum + message.readings, 0));
  }
  member.sentToMs = untilMs;
}

async function greet({ greeted }: State, session: MqttSession, id: string): Promise<void> {
  if (greeted.has(id)) return;
  await session.publish({
    topic: `greencity/v1/${id}/status`,
    payload: JSON.stringify({ state: 'online', firmware: 'simulated' }),
    retain: true,
  });
  greeted.add(id);
}

/** Connects a node; one whose password is no longer valid gets a new one. */
async function connect(state: State, member: Member): Promise<MqttSession> {
  try {
    return await openSession({ ...state.broker, ...member.credentials });
  } catch (error) {
    if (!(error instanceof SignInRefused)) throw error;
    member.credentials = await ensureDevice(state.api, member.node);
    await savePasswords(state.credentialsFile, state.members);
    return await openSession({ ...state.broker, ...member.credentials });
  }
}

export interface StartSimulationOptions {
  /** Data folder of the platform, which keeps a token there for programs on its machine. */
  readonly dataDir: string;
  readonly httpPort: number;
  readonly broker: BrokerAddress;
  readonly nodes: number;
  readonly historyMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly seed?: number;
  readonly intervalMs?: number;
  readonly onHistory?: SimulateOptions['onHistory'];
}

/** Starts the simulated city beside a platform on this machine. Resolves at once; disposing ends it after what it is sending. @throws ApiError UNAUTHENTICATED when the platform left no token */
export async function startSimulation(options: StartSimulationOptions): Promise<AsyncDisposable> {
  const { dataDir, httpPort } = options;
  const token = await readFile(join(dataDir, 'operator.token'), 'utf8').catch((cause: unknown) => {
    throw new ApiError('UNAUTHENTICATED', `there is no operator.token in ${dataDir}`, { cause });
  });
  const stop = new AbortController();
  const running = simulate({
    seed: DEFAULT_SEED,
    intervalMs: DEFAULT_INTERVAL_MS,
    ...options,
    api: openApi(`http://127.0.0.1:${httpPort}`, { kind: 'token', token: token.trim() }),
    credentialsFile: join(dataDir, CREDENTIALS_FILE),
    signal: stop.signal,
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
