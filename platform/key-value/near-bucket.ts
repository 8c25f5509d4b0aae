import type { RateDecision, RateLimit } from './port.ts';
import { waitMs } from './wait.ts';

/** What a process knows of a bucket from which others spend as well. */
export interface NearBucket {
  readonly key: string;
  limit: RateLimit;
  /** The most that can be there now: what was heard of last and has come back since, less what was spent here. Others may have taken of it. */
  tokens: number;
  /** When `tokens` was right. */
  atMs: number;
  /** Spent here, and told to nobody. */
  untold: number;
  /** Told, and not confirmed. */
  told: number;
  /** Asked for, and not answered. */
  asked: number;
  /** Since when there is something untold. */
  untoldSinceMs: number;
  /** Whether its state was heard of. */
  isKnown: boolean;
}

/** Taken here at once, refused here at once, or to be asked for where all processes spend. */
export type Judgement = 'taken' | 'refused' | 'open';

const SECOND_MS = 1_000;
/** What a process may have spent without a confirmation is this part of a bucket. */
export const UNCONFIRMED_PARTS = 50;
/** Nothing is taken unasked where less than this many such parts are left: others may be taking theirs. */
const RESERVED_PARTS = 2;

/** A bucket of which nothing was heard yet: it holds no more than when it is full. */
export function newBucket(key: string, limit: RateLimit, nowMs: number): NearBucket {
  const nothing = { untold: 0, told: 0, asked: 0, untoldSinceMs: nowMs };
  return { key, limit, tokens: limit.capacity, atMs: nowMs, ...nothing, isKnown: false };
}

/** What comes back of a shared bucket; it is not full while something is untold or unconfirmed, since others do not see it as full for longer. */
export function refill(bucket: NearBucket, nowMs: number): void {
  const full = bucket.limit.capacity - bucket.untold - bucket.told;
  bucket.tokens = Math.min(full, bucket.tokens + cameBack(bucket, nowMs));
  bucket.atMs = nowMs;
}

/** The same of a bucket that this process counts alone: what has come back need not be told any more. */
export function refillAlone(bucket: NearBucket, nowMs: number): void {
  const { capacity } = bucket.limit;
  bucket.tokens = Math.min(capacity, bucket.tokens + cameBack(bucket, nowMs));
  bucket.untold = Math.min(bucket.untold, capacity - bucket.tokens);
  bucket.atMs = nowMs;
}

/** A clock that is set back takes nothing away. */
function cameBack({ atMs, limit }: NearBucket, nowMs: number): number {
  return (Math.max(0, nowMs - atMs) / SECOND_MS) * limit.refillPerSecond;
}

/** Nobody gives more than there can be; what is far from the bucket's end, and no more than a process may spend unconfirmed, is taken. Else others have to be asked. */
export function judge({ tokens, untold, told, asked, limit, isKnown }: NearBucket, cost: number): Judgement {
  if (cost > tokens) return 'refused';
  const part = limit.capacity / UNCONFIRMED_PARTS;
  const isFar = tokens - asked - cost >= RESERVED_PARTS * part;
  return isKnown && isFar && untold + told + cost <= part ? 'taken' : 'open';
}

/** Whether so much is untold that it should be told now. */
export function isMuch({ untold, limit }: NearBucket): boolean {
  return 2 * UNCONFIRMED_PARTS * untold >= limit.capacity;
}

/** Takes the cost here. */
export function take(bucket: NearBucket, cost: number, nowMs: number): RateDecision {
  if (bucket.untold === 0) bucket.untoldSinceMs = nowMs;
  bucket.untold += cost;
  bucket.tokens -= cost;
  return { allowed: true, remaining: bucket.tokens, retryAfterMs: 0 };
}

/** Refuses the cost here. */
export function refuse({ tokens, limit }: NearBucket, cost: number): RateDecision {
  return { allowed: false, remaining: tokens, retryAfterMs: waitMs(cost, tokens, limit) };
}

/** Notes what is told from now on, and gives it. */
export function tell(bucket: NearBucket, cost: number): number {
  const spent = bucket.untold;
  bucket.untold = 0;
  bucket.told += spent;
  bucket.asked += cost;
  return spent;
}

/** Notes what was told and asked for, and how much is left where all spend. Only less than was thought is believed: what comes back, comes back here as well. */
export function hear(bucket: NearBucket, { spent, cost }: Asked, { allowed, remaining }: RateDecision): void {
  forget(bucket, { spent, cost });
  bucket.isKnown = true;
  const own = allowed ? bucket.tokens - cost : bucket.tokens;
  bucket.tokens = Math.min(own, remaining - bucket.untold - bucket.told);
}

/** Notes that what was told was not confirmed: it is untold again. */
export function missed(bucket: NearBucket, asked: Asked, nowMs: number): void {
  forget(bucket, asked);
  if (bucket.untold === 0) bucket.untoldSinceMs = nowMs;
  bucket.untold += asked.spent;
}

export interface Asked {
  readonly spent: number;
  readonly cost: number;
}

function forget(bucket: NearBucket, { spent, cost }: Asked): void {
  bucket.told -= spent;
  bucket.asked -= cost;
}
