/** Small shared state with a lifetime: cache entries, rate limits and leases. Losing it loses no data. */

export interface RateDecision {
  readonly allowed: boolean;
  /** What is left of the budget now; below 0 when more was spent than there was. */
  readonly remaining: number;
  /** Until the asked cost would be allowed; 0 when it was, Infinity when it never will be: it is larger than the bucket. */
  readonly retryAfterMs: number;
}

export interface RateLimit {
  /** Size of the bucket: what may be spent at once. */
  readonly capacity: number;
  readonly refillPerSecond: number;
}

export interface KeyValue extends AsyncDisposable {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, lifetimeMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Token bucket: takes `cost` if it is there, else nothing. Decided at once where the buckets are in memory: every request is counted, most of them twice. */
  spend(key: string, cost: number, limit: RateLimit): RateDecision | Promise<RateDecision>;
  /**
   * The lease's number for the one holder until `lifetimeMs` has passed, undefined for everybody else; the holder may renew, and keeps the number.
   * Each new lease of a key has a higher number: what a late holder still does can be told, and refused, by it (fencing). Numbers are 1 or more.
   */
  acquireLease(key: string, holder: string, lifetimeMs: number): Promise<number | undefined>;
  releaseLease(key: string, holder: string): Promise<void>;
  close(): Promise<void>;
}

/** What processes spend of one bucket at the same time. */
export interface Settlement {
  readonly key: string;
  /** What was spent already without asking. It is taken also where it is not there: the bucket owes it then, at most as much as it holds, and gives nothing until it is paid back. */
  readonly spent: number;
  /** What is asked for now: taken if it is there, else not. */
  readonly cost: number;
  readonly limit: RateLimit;
}

/** A store that processes share. */
export interface SharedKeyValue extends KeyValue {
  settle(settlement: Settlement): RateDecision | Promise<RateDecision>;
}
