import type { Clock } from '../clock/port.ts';
import type { RateDecision, Settlement, SharedKeyValue } from './port.ts';
import { waitMs } from './wait.ts';

export interface MemoryKeyValueOptions {
  readonly clock: Clock;
  /** Most entries kept; beyond it the one unused for longest goes. Default 100,000. */
  readonly entriesMax?: number;
}

const ENTRIES_MAX = 100_000;
const SECOND_MS = 1_000;

interface Entry {
  readonly value: string;
  readonly endsAtMs: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
  /** When it was last put at the end of those that may be forgotten. */
  movedMs: number;
}

/** A bucket in use is put at the end this often, not each time: that takes longer than to count. */
const MOVE_EVERY_MS = 1_000;

/** A map that forgets what was unused for longest. */
function recentlyUsed<T>(entriesMax: number) {
  const entries = new Map<string, T>();
  return {
    /** What is there, without making it the last to be forgotten. */
    peek: (key: string): T | undefined => entries.get(key),
    get(key: string): T | undefined {
      const found = entries.get(key);
      if (found === undefined) return undefined;
      entries.delete(key);
      entries.set(key, found);
      return found;
    },
    set(key: string, value: T): void {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size <= entriesMax) return;
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    },
    delete: (key: string) => entries.delete(key),
  };
}

/** Shared state of this process alone. */
export function memoryKeyValue({ clock, entriesMax = ENTRIES_MAX }: MemoryKeyValueOptions): SharedKeyValue {
  const entries = recentlyUsed<Entry>(entriesMax);
  const buckets = recentlyUsed<Bucket>(entriesMax);
  /** Leases are few and must not be forgotten to make room. */
  const leases = new Map<string, { readonly holder: string; readonly number: number; readonly endsAtMs: number }>();
  let leaseNumber = 0;
  const close = async () => {};
  const settle = ({ key, spent, cost, limit }: Settlement): RateDecision => {
    const { capacity, refillPerSecond } = limit;
    const nowMs = clock.elapsedMs();
    const bucket = buckets.peek(key) ?? { tokens: capacity, atMs: nowMs, movedMs: Number.NEGATIVE_INFINITY };
    const refilled = bucket.tokens + ((nowMs - bucket.atMs) / SECOND_MS) * refillPerSecond;
    const tokens = Math.max(-capacity, Math.min(capacity, refilled) - spent);
    const allowed = tokens >= cost;
    const remaining = allowed ? tokens - cost : tokens;
    bucket.tokens = remaining;
    bucket.atMs = nowMs;
    if (nowMs - bucket.movedMs >= MOVE_EVERY_MS) {
      bucket.movedMs = nowMs;
      buckets.set(key, bucket);
    }
    return { allowed, remaining, retryAfterMs: allowed ? 0 : waitMs(cost, tokens, limit) };
  };

  return {
    async get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      if (entry.endsAtMs > clock.elapsedMs()) return entry.value;
      entries.delete(key);
      return undefined;
    },
    async set(key, value, lifetimeMs) {
      entries.set(key, { value, endsAtMs: clock.elapsedMs() + lifetimeMs });
    },
    async delete(key) {
      entries.delete(key);
    },
    spend: (key, cost, limit) => settle({ key, spent: 0, cost, limit }),
    settle,
    async acquireLease(key, holder, lifetimeMs) {
      const nowMs = clock.elapsedMs();
      const lease = leases.get(key);
      const held = lease !== undefined && lease.endsAtMs > nowMs;
      if (held && lease.holder !== holder) return undefined;
      // Leases that nobody released must not gather.
      for (const [other, { endsAtMs }] of leases) if (endsAtMs <= nowMs) leases.delete(other);
      if (!held) leaseNumber += 1;
      const number = held ? lease.number : leaseNumber;
      leases.set(key, { holder, number, endsAtMs: nowMs + lifetimeMs });
      return number;
    },
    async releaseLease(key, holder) {
      if (leases.get(key)?.holder === holder) leases.delete(key);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
