/**
 * Buckets of a store that processes share, counted here and settled with it later: most requests wait for nobody, and one word to the store stands for many of them.
 * What a process has spent and the others do not know is a fiftieth of a bucket at most; so much they can spend together beyond what there is, and the bucket owes it.
 */
import { inTime } from '../clock/in-time.ts';
import type { Clock } from '../clock/port.ts';
import type { Logger } from '../log/port.ts';
import type { Metrics } from '../metrics/port.ts';
import { openAbsence } from './absence.ts';
import {
  type Asked,
  hear,
  isMuch,
  judge,
  missed,
  type NearBucket,
  newBucket,
  refill,
  refillAlone,
  refuse,
  take,
  tell,
} from './near-bucket.ts';
import type { KeyValue, RateDecision, RateLimit, SharedKeyValue } from './port.ts';

export interface ReckonedOptions {
  readonly shared: SharedKeyValue;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Most buckets known here; beyond it the one that came first goes. Default 100,000. */
  readonly bucketsMax?: number;
}

const BUCKETS_MAX = 100_000;
/** Who asks waits so long for others; then this process decides by its own count. */
const ANSWER_WITHIN_MS = 25;
/** What is little is told at this age. */
const TELL_AFTER_MS = 5_000;
const CHECK_EVERY_MS = 100;
/** In one check: what more is due waits for the next, so that nobody waits for the telling. */
const TOLD_AT_ONCE_MAX = 500;
/** How often a store that is away is asked whether it is back. */
const PROBE_EVERY_MS = 500;
/** What was heard of an unused bucket is forgotten after this time; others may have spent it since. */
const FORGET_AFTER_MS = 60_000;
const SWEEP_EVERY_MS = 10_000;
const PROBE_KEY = 'is it there';

/** The store with its buckets counted here. Never rejects in `spend`: while the store is away each process counts alone. Closes the store. */
export function reckonedKeyValue(options: ReckonedOptions): KeyValue {
  const { shared, clock } = options;
  const state = openState(options);
  const checking = clock.every(CHECK_EVERY_MS, () => check(state, clock.nowMs()));
  const close = async (): Promise<void> => {
    checking[Symbol.dispose]();
    if (!state.absence.isAway) await Promise.all([...state.untold].map((bucket) => settle(state, bucket)));
    await shared.close();
  };
  return {
    get: (key) => shared.get(key),
    set: (key, value, lifetimeMs) => shared.set(key, value, lifetimeMs),
    delete: (key) => shared.delete(key),
    spend: (key, cost, limit) => spend(state, bucketOf(state, key, limit), cost),
    acquireLease: (key, holder, lifetimeMs) => shared.acquireLease(key, holder, lifetimeMs),
    releaseLease: (key, holder) => shared.releaseLease(key, holder),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface State {
  readonly shared: SharedKeyValue;
  readonly clock: Clock;
  readonly absence: ReturnType<typeof openAbsence>;
  readonly buckets: Map<string, NearBucket>;
  readonly bucketsMax: number;
  /** Buckets of which something is untold, those first that have been so for longest. */
  readonly untold: Set<NearBucket>;
  probedMs: number;
  sweptMs: number;
}

function openState({ shared, clock, log, metrics, bucketsMax = BUCKETS_MAX }: ReckonedOptions): State {
  const nothing = { buckets: new Map<string, NearBucket>(), untold: new Set<NearBucket>() };
  const nowMs = clock.nowMs();
  return { shared, clock, absence: openAbsence(log, metrics), bucketsMax, ...nothing, probedMs: nowMs, sweptMs: nowMs };
}

function bucketOf(state: State, key: string, limit: RateLimit): NearBucket {
  const { buckets, bucketsMax, clock } = state;
  const found = buckets.get(key);
  if (found) {
    found.limit = limit;
    return found;
  }
  const [oldest] = buckets.size >= bucketsMax ? buckets.values() : [];
  if (oldest) {
    if (state.untold.has(oldest) && !state.absence.isAway) void settle(state, oldest);
    state.untold.delete(oldest);
    buckets.delete(oldest.key);
  }
  const bucket = newBucket(key, limit, clock.nowMs());
  buckets.set(key, bucket);
  return bucket;
}

function spend(state: State, bucket: NearBucket, cost: number): RateDecision | Promise<RateDecision> {
  if (state.absence.isAway) return decideAlone(state, bucket, cost);
  const nowMs = state.clock.nowMs();
  refill(bucket, nowMs);
  switch (judge(bucket, cost)) {
    case 'refused':
      return refuse(bucket, cost);
    case 'taken':
      return taken(state, bucket, { cost, nowMs });
    case 'open':
      return ask(state, bucket, cost);
  }
}

interface Spent {
  readonly cost: number;
  readonly nowMs: number;
}

function taken(state: State, bucket: NearBucket, { cost, nowMs }: Spent): RateDecision {
  if (bucket.untold === 0) state.untold.add(bucket);
  const decision = take(bucket, cost, nowMs);
  if (bucket.told === 0 && !state.absence.isAway && isMuch(bucket)) void settle(state, bucket);
  return decision;
}

function decideAlone(state: State, bucket: NearBucket, cost: number): RateDecision {
  const nowMs = state.clock.nowMs();
  state.absence.decided();
  refillAlone(bucket, nowMs);
  return cost > bucket.tokens ? refuse(bucket, cost) : taken(state, bucket, { cost, nowMs });
}

async function ask(state: State, bucket: NearBucket, cost: number): Promise<RateDecision> {
  const { clock, absence } = state;
  const answer = settle(state, bucket, cost);
  const decision = await inTime(answer, { withinMs: ANSWER_WITHIN_MS, clock });
  if (decision === undefined) absence.missed();
  else if (decision !== 'away') return { ...decision, remaining: bucket.tokens };
  return decideAlone(state, bucket, cost);
}

/** Tells what was spent here, and asks for more. Never rejects. */
async function settle(state: State, bucket: NearBucket, cost = 0): Promise<RateDecision | 'away'> {
  const { shared, clock, absence } = state;
  const { key, limit } = bucket;
  state.untold.delete(bucket);
  const asked: Asked = { spent: tell(bucket, cost), cost };
  try {
    const decision = await shared.settle({ key, ...asked, limit });
    answered(state);
    refill(bucket, clock.nowMs());
    hear(bucket, asked, decision);
    return decision;
  } catch (error) {
    absence.missed(error);
    missed(bucket, asked, clock.nowMs());
    if (bucket.untold > 0) state.untold.add(bucket);
    return 'away';
  }
}

/** What was spent alone and has come back meanwhile need not be told. */
function answered({ absence, untold, clock }: State): void {
  if (absence.isAway) for (const bucket of untold) refillAlone(bucket, clock.nowMs());
  absence.answered();
}

function check(state: State, nowMs: number): void {
  const { absence } = state;
  absence.check(nowMs);
  if (nowMs - state.sweptMs >= SWEEP_EVERY_MS) sweep(state, nowMs);
  if (absence.isAway) probe(state, nowMs);
  else tellDue(state, nowMs);
}

function tellDue(state: State, nowMs: number): void {
  let due = 0;
  for (const bucket of state.untold) {
    if (nowMs - bucket.untoldSinceMs < TELL_AFTER_MS || due === TOLD_AT_ONCE_MAX) break;
    due += 1;
    void settle(state, bucket);
  }
}

function probe(state: State, nowMs: number): void {
  if (nowMs - state.probedMs < PROBE_EVERY_MS) return;
  state.probedMs = nowMs;
  state.shared.get(PROBE_KEY).then(() => answered(state), state.absence.missed);
}

/** Lets go of buckets that are unused. One that is counted alone is nowhere else, and stays until it is full. */
function sweep(state: State, nowMs: number): void {
  state.sweptMs = nowMs;
  for (const bucket of state.buckets.values()) {
    const { atMs, untold, told, asked, key, limit } = bucket;
    if (nowMs - atMs < FORGET_AFTER_MS || untold + told + asked > 0) continue;
    const backMs = ((limit.capacity - bucket.tokens) / limit.refillPerSecond) * 1_000;
    if (state.absence.isAway && nowMs - atMs < backMs) continue;
    state.buckets.delete(key);
  }
}
