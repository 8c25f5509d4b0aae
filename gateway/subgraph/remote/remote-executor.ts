import type { Clock } from '@greencity/platform/clock/port';
import { gatewaySigner, type SigningSecrets } from '@greencity/platform/graphql/gateway-token';
import type { StreamPast, SubgraphContext, Viewer } from '@greencity/platform/graphql/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Counter, Metrics } from '@greencity/platform/metrics/port';
import type {
  FetchOperation,
  PreparedFetch,
  RequestScope,
  SubgraphExecutor,
  SubgraphResult,
  Variables,
} from '../port.ts';
import { type Circuit, circuit } from './circuit.ts';
import { type Connection, openConnection } from './connection.ts';
import { type EventSocket, openEventSocket } from './event-socket.ts';
import { type Failure, unavailable } from './failure.ts';
import { type Fetches, openFetches } from './fetches.ts';
import { remoteDocument } from './remote-document.ts';
import { isFailure, parsedAnswer, resultOf } from './result.ts';
import { liveEvents, pastEvents, type ResumingOptions } from './resuming.ts';
import { REMOTE_SETTINGS, type RemoteSettings } from './settings.ts';
import { type TornOptions, tornEvents } from './torn.ts';

/** A subgraph in another process. */
export interface RemoteSubgraph {
  readonly name: string;
  /** Whole, as `http://devices:4001/devices/graphql`. */
  readonly url: string;
  /** Its subscriptions can go on where they stopped. */
  readonly resumable?: boolean;
}

export interface RemoteExecutorOptions {
  readonly subgraphs: readonly RemoteSubgraph[];
  /** What our subgraphs are signed to with; without it, they are spoken to in plain GraphQL, and give no subscriptions. */
  readonly secrets: SigningSecrets | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly settings?: RemoteSettings;
  /** From 0 to 1, 1 left out. */
  readonly random?: () => number;
}

/** Executes fetches on subgraphs in other processes. */
export interface RemoteExecutor extends SubgraphExecutor, AsyncDisposable {
  /** Whether requests go to a subgraph, by its name. */
  states(): Readonly<Record<string, Circuit['state']>>;
  close(): Promise<void>;
}

/** What a fetch needs to know of the request that it belongs to. */
interface RemoteContext extends SubgraphContext {
  readonly endsMs: number;
}

interface Remote {
  readonly name: string;
  readonly connection: Connection;
  readonly circuit: Circuit;
  readonly fetches: Fetches;
  readonly events: EventSocket | undefined;
  readonly dialect: 'signed' | 'plain';
  readonly resumable: boolean;
  readonly counts: Readonly<Record<'dropped' | 'resumed' | 'torn', Counter>>;
  readonly clock: Clock;
}

/** Opens connections lazily: subgraphs may start later than the gateway. */
export function openRemoteExecutor(options: RemoteExecutorOptions): RemoteExecutor {
  const remotes = new Map(options.subgraphs.map((subgraph) => [subgraph.name, openRemote(subgraph, options)]));
  const named = (name: string): Remote => {
    const remote = remotes.get(name);
    if (!remote) throw new Error(`the supergraph names the subgraph ${name}, whose address is not known`);
    return remote;
  };
  const close = async (): Promise<void> => {
    await Promise.all([...remotes.values()].flatMap(({ connection, events }) => [events?.close(), connection.close()]));
  };
  return {
    prepare: (operation) => prepare(named(operation.subgraph), operation),
    context(_, viewer: Viewer, scope?: RequestScope): RemoteContext {
      return { viewer, endsMs: scope?.endsMs ?? Number.POSITIVE_INFINITY };
    },
    states: () => Object.fromEntries([...remotes.values()].map(({ name, circuit: { state } }) => [name, state])),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function openRemote({ name, url, resumable = false }: RemoteSubgraph, options: RemoteExecutorOptions): Remote {
  const { clock, metrics, secrets, settings = REMOTE_SETTINGS, random = Math.random } = options;
  const { connectionsMax, answerBytesMax } = settings;
  const connection = openConnection({ url, clock, connectionsMax, answerBytesMax });
  const breaker = circuit(settings.circuit, clock);
  const signer = secrets && gatewaySigner(secrets, name, clock);
  const shared = { ...options, name, settings, random };
  metrics.gauge(
    'gateway_subgraph_circuit_open',
    'Whether a subgraph is left alone because it failed too often.',
    () => Number(breaker.state !== 'closed'),
    { subgraph: name },
  );
  return {
    name,
    connection,
    circuit: breaker,
    fetches: openFetches({ ...shared, connection, circuit: breaker, signer }),
    events: signer && openEventSocket({ ...shared, url, signer }),
    dialect: signer ? 'signed' : 'plain',
    resumable,
    clock,
    counts: {
      dropped: metrics.counter('gateway_events_dropped_total', 'Events that a subscription could not keep up with.'),
      resumed: metrics.counter(
        'gateway_subgraph_streams_resumed_total',
        'Streams of a subgraph that went on after a broken connection.',
        { subgraph: name },
      ),
      torn: metrics.counter(
        'gateway_subgraph_streams_torn_total',
        'Streams of a subgraph that went on after a broken connection, and nobody can say what they missed.',
        { subgraph: name },
      ),
    },
  };
}

function prepare(remote: Remote, operation: FetchOperation): PreparedFetch {
  const document = remoteDocument(operation, remote.dialect);
  const opening = (variables: Variables, viewer: Viewer): ResumingOptions & TornOptions => {
    if (!remote.events) throw failed(remote, { kind: 'refused', detail: 'plain GraphQL has no subscriptions here' });
    const { dropped, resumed, torn } = remote.counts;
    const subscription = { document, variables, viewer };
    return {
      ...{ socket: remote.events, subscription, cursorOf, clock: remote.clock },
      dropped: () => dropped.add(),
      resumed: () => resumed.add(),
      torn: () => torn.add(),
    };
  };
  return {
    async execute(variables, context) {
      const { viewer, endsMs } = context as RemoteContext;
      return answer(remote, await remote.fetches.text({ document, variables, viewer, endsMs }));
    },
    async subscribe(variables, { viewer }) {
      const options = opening(variables, viewer);
      return await (remote.resumable ? liveEvents(options) : tornEvents(options));
    },
    ...(remote.resumable
      ? { past: async (part, variables, { viewer }) => await pastPart(opening(variables, viewer), part) }
      : undefined),
    cursorOf,
    identityOf: JSON.stringify,
    isNothing(event) {
      const result = (event ?? {}) as { readonly data?: unknown; readonly errors?: unknown };
      return result.data === undefined && result.errors === undefined;
    },
    executeEvent(event) {
      const result = resultOf(event);
      if (isFailure(result)) throw failed(remote, result);
      return result;
    },
  };
}

function cursorOf(event: unknown): string | undefined {
  const cursor = (event as { extensions?: { cursor?: unknown } | null }).extensions?.cursor;
  return typeof cursor === 'string' ? cursor : undefined;
}

async function pastPart(options: ResumingOptions, part: StreamPast): Promise<AsyncIterator<unknown>> {
  if (part.kind === 'after') return await pastEvents(options, part.cursor);
  const { socket, subscription, dropped } = options;
  return (await socket.open({ ...subscription, part, dropped })).events;
}

function answer(remote: Remote, text: string): SubgraphResult {
  const result = resultOf(parsedAnswer(text));
  if (isFailure(result)) throw failed(remote, result);
  return result;
}

function failed({ name }: Remote, failure: Failure): Error {
  return unavailable(name, failure);
}
