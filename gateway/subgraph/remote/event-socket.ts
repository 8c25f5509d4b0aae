/** All subscriptions to one subgraph in another process, over one connection: graphql-transport-ws. */
import type { Clock } from '@greencity/platform/clock/port';
import type { GatewaySigner } from '@greencity/platform/graphql/gateway-token';
import type { StreamPart, Viewer } from '@greencity/platform/graphql/port';
import { type ErrorMessage, type FetchMessage, signedText } from '@greencity/platform/graphql/subgraph-wire';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import { WebSocket } from 'ws';
import { type EventBuffer, eventBuffer } from './event-buffer.ts';
import { type Failure, unavailable } from './failure.ts';
import { recovery } from './recovery.ts';
import type { RemoteDocument } from './remote-document.ts';
import { subgraphError } from './result.ts';
import type { RemoteSettings } from './settings.ts';

export interface EventSocketOptions {
  readonly name: string;
  readonly url: string;
  readonly signer: GatewaySigner;
  readonly settings: RemoteSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
}

export interface Subscribing {
  readonly document: RemoteDocument;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly viewer: Viewer;
  /** What is wanted of the stream; live when missing. */
  readonly part?: StreamPart;
  /** Events that are wanted at most. */
  readonly most?: number;
  /** An event did not fit between the connection and its reader. */
  readonly dropped: () => void;
}

/** A stream that the subgraph has begun. */
export interface OpenedEvents {
  readonly events: AsyncIterator<unknown>;
  /** Of a live stream, when it was asked for: everything before it has this cursor. */
  readonly startCursor: string | undefined;
}

/** Subscriptions to one subgraph. */
export interface EventSocket {
  /** Events as results. Resolves when the subgraph listens, so that no later event is missed. @throws what the subgraph refused with, or AppError UNAVAILABLE */
  open(subscribing: Subscribing): Promise<OpenedEvents>;
  /** Resolves when a connection that broke is there again. @throws AppError UNAVAILABLE when it does not come back in time, or the gateway closes */
  reconnected(): Promise<void>;
  close(): Promise<void>;
}

const PROTOCOL = 'graphql-transport-ws';
const CONNECT_WITHIN_MS = 3_000;
const ANONYMOUS: Viewer = { kind: 'anonymous' };
const NORMAL_CLOSURE = 1000;
/** Events that wait for a reader: a group takes its own at once, so that more only wait when the process is too busy. */
const WAITING_MAX = 1_024;
/** A snapshot comes as fast as the subgraph can make it, and has 50,000 values at most. */
const SNAPSHOT_WAITING_MAX = 65_536;

/** A connection that is gone, rather than something that the subgraph said. */
export interface Break {
  /** When the connection was last heard, Unix ms. */
  readonly heardMs: number;
}

const BREAKS = new WeakMap<Error, Break>();

/** Missing when a stream ended with something else: after a break it may be opened again. */
export function breakOf(error: unknown): Break | undefined {
  return error instanceof Error ? BREAKS.get(error) : undefined;
}

function broke(name: string, failure: Failure, heardMs: number): Error {
  const error = unavailable(name, failure);
  BREAKS.set(error, { heardMs });
  return error;
}

interface Stream {
  readonly buffer: EventBuffer;
  readonly listening: PromiseWithResolvers<string | undefined>;
}

export function openEventSocket(options: EventSocketOptions): EventSocket {
  const { name, clock, settings } = options;
  const streams = new Map<string, Stream>();
  let connecting: Promise<WebSocket> | undefined;
  let made = 0;
  let alive = true;
  let heardMs = clock.nowMs();
  const broken = (detail: string): void => {
    connecting = undefined;
    const all = [...streams.values()];
    streams.clear();
    for (const { buffer, listening } of all) {
      const error = broke(name, { kind: 'broken-off', detail }, heardMs);
      listening.reject(error);
      buffer.fail(error);
    }
  };
  const connected = (): Promise<WebSocket> => {
    connecting ??= connect(options, {
      heard(message) {
        alive = true;
        heardMs = clock.nowMs();
        hear(streams, message);
      },
      broken,
    }).catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  };
  const recovering = recovery(options, connected);
  const pinging = clock.every(settings.pingEveryMs, async () => {
    const socket = await connecting?.catch(() => undefined);
    if (!socket) return;
    if (!alive) return socket.terminate();
    alive = false;
    socket.send('{"type":"ping"}');
  });
  return {
    async open(subscribing) {
      const socket = await connected();
      made += 1;
      const id = String(made);
      const listening = Promise.withResolvers<string | undefined>();
      const leave = (): void => {
        if (streams.delete(id) && socket.readyState === WebSocket.OPEN) socket.send(`{"id":"${id}","type":"complete"}`);
      };
      const waitingMax = subscribing.part?.kind === 'snapshot' ? SNAPSHOT_WAITING_MAX : WAITING_MAX;
      const buffer = eventBuffer({ left: leave, dropped: subscribing.dropped, waitingMax });
      streams.set(id, { buffer, listening });
      socket.send(`{"id":"${id}","type":"subscribe","payload":${subscription(options, subscribing)}}`);
      const startCursor = await listening.promise;
      return { events: buffer.events, startCursor };
    },
    reconnected: recovering.reconnected,
    async close() {
      pinging[Symbol.dispose]();
      recovering[Symbol.dispose]();
      const socket = await connecting?.catch(() => undefined);
      socket?.close(NORMAL_CLOSURE);
      broken('the gateway closes');
    },
  };
}

function subscription(
  { signer }: EventSocketOptions,
  { document, variables, viewer, part, most }: Subscribing,
): string {
  const { text, hash } = document;
  const persistedQuery = { version: 1 as const, sha256Hash: hash };
  const extensions = {
    persistedQuery,
    ...(part === undefined ? {} : { part }),
    ...(most === undefined ? {} : { most }),
  };
  const message: FetchMessage = { query: text, variables, extensions };
  const authorization = signer.sign(viewer, signedText(message));
  return JSON.stringify({ ...message, extensions: { ...extensions, authorization } });
}

interface Hearing {
  heard(message: ServerMessage): void;
  broken(detail: string): void;
}

interface ServerMessage {
  readonly type?: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A connection that the subgraph has acknowledged. @throws AppError UNAVAILABLE */
function connect(
  { name, url, signer, log, clock }: EventSocketOptions,
  { heard, broken }: Hearing,
): Promise<WebSocket> {
  const address = url.replace(/^http/, 'ws');
  const socket = new WebSocket(address, PROTOCOL, { perMessageDeflate: false, handshakeTimeout: CONNECT_WITHIN_MS });
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
  let detail = 'the connection was closed';
  socket.on('error', (error) => {
    detail = error.message;
  });
  socket.once('open', () => {
    const authorization = signer.sign(ANONYMOUS, '');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  });
  socket.on('message', (text) => {
    const message = JSON.parse(String(text)) as ServerMessage;
    if (message.type === 'connection_ack') return resolve(socket);
    if (message.type === 'ping') return socket.send('{"type":"pong"}');
    heard(message);
  });
  socket.once('close', (code, reason) => {
    log.debug({ subgraph: name, code, reason: String(reason), detail }, 'the connection of subscriptions has ended');
    reject(broke(name, { kind: 'unreachable', detail }, clock.nowMs()));
    broken(detail);
  });
  return promise;
}

function hear(streams: Map<string, Stream>, { type, id = '', payload }: ServerMessage): void {
  const stream = streams.get(id);
  if (!stream) return;
  if (type === 'next') {
    const { extensions } = payload as { extensions?: { listening?: true; cursor?: string } };
    if (extensions?.listening) stream.listening.resolve(extensions.cursor);
    else stream.buffer.push(payload);
  } else if (type === 'error') {
    streams.delete(id);
    const error = refusal((payload as readonly ErrorMessage[])[0]);
    stream.listening.reject(error);
    stream.buffer.fail(error);
  } else if (type === 'complete') {
    streams.delete(id);
    stream.listening.resolve(undefined);
    stream.buffer.end();
  }
}

/** What a subgraph refused a subscription with, as if it had been thrown here. */
function refusal(message: ErrorMessage | undefined): Error {
  const { originalError, ...error } = subgraphError(message ?? { message: 'refused without a reason' });
  return originalError instanceof Error ? originalError : Object.assign(new Error(error.message), error);
}
