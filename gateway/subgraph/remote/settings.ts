import type { CircuitSettings } from './circuit.ts';

/** Limits on what is asked of one subgraph in another process. */
export interface RemoteSettings {
  readonly connectionsMax: number;
  /** Fetches that wait or are under way; beyond it they fail at once. */
  readonly fetchesMax: number;
  /** Longest that one fetch may take; the operation's own deadline holds as well. */
  readonly fetchMs: number;
  readonly answerBytesMax: number;
  /** How often a query is sent again after a failure that may pass. */
  readonly retriesMax: number;
  /** Wait before the first retry, twice as long before the next; each is drawn between half of it and all of it. */
  readonly retryMs: number;
  /** Retries for each fetch that succeeded, so that a subgraph that is down is not sent more than it ever was. */
  readonly retryShare: number;
  readonly circuit: CircuitSettings;
  readonly pingEveryMs: number;
  /** Wait before a broken connection of subscriptions is made again, then twice as long; each is drawn between half of it and all of it. */
  readonly reconnectMs: number;
  readonly reconnectMsMax: number;
  /** How long streams wait for a subgraph that is gone before they end. */
  readonly reconnectWithinMs: number;
}

export const REMOTE_SETTINGS: RemoteSettings = {
  connectionsMax: 32,
  fetchesMax: 2_000,
  fetchMs: 10_000,
  answerBytesMax: 32 * 1024 * 1024,
  retriesMax: 2,
  retryMs: 40,
  retryShare: 0.1,
  circuit: { failuresMax: 5, restMs: 500, restMsMax: 5_000 },
  pingEveryMs: 15_000,
  reconnectMs: 250,
  reconnectMsMax: 5_000,
  reconnectWithinMs: 60_000,
};
