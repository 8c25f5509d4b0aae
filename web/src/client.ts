import { type Client, cacheExchange, createClient, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient as createSocket } from 'graphql-ws';
import { byId, persisted } from './registered.ts';

export type ConnectionState = 'connecting' | 'live' | 'lost';

export interface LiveClient {
  readonly urql: Client;
  /** Tells each change of the live connection; returns how to stop telling. */
  onConnection(listener: (state: ConnectionState) => void): () => void;
}

const KEEP_ALIVE_MS = 12_000;
const RETRY_MS = 500;
/** A page must not stay away for long from a platform that is back. */
const RETRY_MS_MAX = 5_000;

/** Waits before the connection is tried again: twice as long each time, and never the same for all pages of a city. */
async function beforeRetry(retries: number): Promise<void> {
  const waitMs = Math.min(RETRY_MS * 2 ** retries, RETRY_MS_MAX) * (0.75 + Math.random() / 4);
  await new Promise((resolve) => setTimeout(resolve, waitMs));
}

/** The client of this page's own server. Queries by POST, subscriptions over one WebSocket that reconnects by itself. */
export function liveClient(origin: string): LiveClient {
  const listeners = new Set<(state: ConnectionState) => void>();
  let state: ConnectionState = 'connecting';
  const tell = (next: ConnectionState) => {
    state = next;
    for (const listener of listeners) listener(next);
  };
  const socket = createSocket({
    url: `${origin.replace(/^http/, 'ws')}/graphql`,
    keepAlive: KEEP_ALIVE_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: beforeRetry,
    on: { connected: () => tell('live'), closed: () => tell('lost') },
  });
  const urql = createClient({
    url: `${origin}/graphql`,
    preferGetMethod: false,
    fetch: byId,
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              { query: '', extensions: persisted(request.operationName), variables: request.variables ?? {} },
              {
                next: ({ data = null, errors = [] }) => sink.next({ data, errors }),
                error: (error) => sink.error(error),
                complete: () => sink.complete(),
              },
            ),
          }),
        }),
      }),
    ],
  });
  return {
    urql,
    onConnection(listener) {
      listeners.add(listener);
      listener(state);
      return () => listeners.delete(listener);
    },
  };
}
