/** Fetches of one subgraph in another process: joined, shared, retried, and kept from it while it fails. */
import type { Clock } from '@greencity/platform/clock/port';
import type { GatewaySigner } from '@greencity/platform/graphql/gateway-token';
import type { Viewer } from '@greencity/platform/graphql/port';
import { FETCHES_MAX, UNKNOWN_DOCUMENT } from '@greencity/platform/graphql/subgraph-wire';
import { viewerKey } from '@greencity/platform/graphql/viewer';
import type { Metrics } from '@greencity/platform/metrics/port';
import { OperationTypeNode } from 'graphql';
import type { Circuit } from './circuit.ts';
import type { Connection, RemoteRequest } from './connection.ts';
import { type Failure, isIllness, isPassing, unavailable } from './failure.ts';
import type { RemoteDocument } from './remote-document.ts';
import { parsedAnswer } from './result.ts';
import { retries } from './retrying.ts';
import type { RemoteSettings } from './settings.ts';
import { turnCollector } from './turn.ts';
import { variablesText } from './variables-text.ts';

export interface FetchesOptions {
  readonly name: string;
  readonly connection: Connection;
  readonly circuit: Circuit;
  /** Missing for a subgraph that is spoken to in plain GraphQL. */
  readonly signer: GatewaySigner | undefined;
  readonly settings: RemoteSettings;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly random: () => number;
}

export interface Asked {
  readonly document: RemoteDocument;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly viewer: Viewer;
  /** Unix ms. */
  readonly endsMs: number;
}

/** Sends fetches. */
export interface Fetches {
  /** JSON text of the answer. Equal queries under way at the same time are sent once. @throws AppError UNAVAILABLE */
  text(asked: Asked): Promise<string>;
}

/** Longer answers are not looked into for whether they only say that the document is unknown. */
const UNKNOWN_DOCUMENT_LENGTH_MAX = 300;

interface Call {
  readonly document: RemoteDocument;
  readonly variables: string;
  readonly viewer: Viewer;
  /** Equal for viewers that may see the same. */
  readonly who: string;
  endsMs: number;
  tries: number;
  /** Whether the subgraph is given the document's text. */
  whole: boolean;
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

interface Shared {
  readonly call: Call;
  readonly text: Promise<string>;
}

export function openFetches(options: FetchesOptions): Fetches {
  const { name, settings, clock } = options;
  const counts = countersOf(options);
  const sender = openSender(options, counts);
  /** By document and viewer, then by variables: a long text that several fetches have is hashed once. */
  const sharedQueries = new Map<string, Map<string, Shared>>();
  let under = 0;
  const start = (call: Omit<Call, 'resolve' | 'reject'>): Shared => {
    const { promise: text, resolve, reject } = Promise.withResolvers<string>();
    const started: Call = { ...call, resolve, reject };
    under += 1;
    const done = (): void => {
      under -= 1;
    };
    text.then(done, done);
    sender(started);
    return { call: started, text };
  };
  return {
    text(asked) {
      counts.fetches.add();
      if (under >= settings.fetchesMax) {
        return Promise.reject(unavailable(name, { kind: 'too-busy', detail: `${under} fetches are under way` }));
      }
      const { document, viewer } = asked;
      const endsMs = Math.min(asked.endsMs, clock.elapsedMs() + settings.fetchMs);
      const variables = variablesText(asked.variables);
      const who = viewerKey(viewer);
      const call = { document, variables, viewer, who, endsMs, tries: 0, whole: false };
      if (document.operation.kind !== OperationTypeNode.QUERY) return start(call).text;
      const key = `${document.hash}${who}`;
      const alike = sharedQueries.get(key) ?? new Map<string, Shared>();
      const known = alike.get(variables);
      if (known) {
        counts.shared.add();
        known.call.endsMs = Math.max(known.call.endsMs, endsMs);
        return known.text;
      }
      const started = start(call);
      sharedQueries.set(key, alike.set(variables, started));
      const forget = (): void => {
        if (alike.delete(variables) && alike.size === 0) sharedQueries.delete(key);
      };
      started.text.then(forget, forget);
      return started.text;
    },
  };
}

type Counts = ReturnType<typeof countersOf>;

function countersOf({ metrics, name }: FetchesOptions) {
  const labels = { subgraph: name };
  const counter = (what: string, help: string) => metrics.counter(`gateway_subgraph_${what}_total`, help, labels);
  return {
    fetches: counter('fetches', 'Fetches from a subgraph in another process.'),
    shared: counter('shared_fetches', 'Fetches that shared the answer of an equal one under way.'),
    requests: counter('requests', 'Requests that carried fetches.'),
    retried: counter('retries', 'Fetches sent again after a failure.'),
    failed: (kind: Failure['kind']) =>
      metrics.counter('gateway_subgraph_failures_total', 'Fetches without an answer, by reason.', { ...labels, kind }),
  };
}

/** Sends calls, those of one turn and one viewer in one request, and settles each. */
function openSender(options: FetchesOptions, counts: Counts): (call: Call) => void {
  const { name, connection, circuit, signer, settings, clock, random } = options;
  const known = new Set<string>();
  const retrying = retries(settings, random);
  const fail = (call: Call, failure: Failure): void => {
    counts.failed(failure.kind).add();
    call.reject(unavailable(name, failure));
  };
  const unanswered = (call: Call, failure: Failure): void => {
    const query = call.document.operation.kind === OperationTypeNode.QUERY;
    call.tries += 1;
    const waitMs = query && isPassing(failure) ? retrying.next(call.tries) : undefined;
    if (waitMs === undefined || clock.elapsedMs() + waitMs >= call.endsMs) fail(call, failure);
    else {
      counts.retried.add();
      void clock.sleep(waitMs).then(() => submit(call));
    }
  };
  const answered = (call: Call, text: string): void => {
    const { hash } = call.document;
    if (!call.whole && isUnknownDocument(text)) {
      known.delete(hash);
      call.whole = true;
      submit(call);
      return;
    }
    known.add(hash);
    retrying.earned();
    call.resolve(text);
  };
  const exchange = (calls: readonly Call[]): void => {
    const [first] = calls;
    if (!first) return;
    if (!circuit.admits()) {
      for (const call of calls) fail(call, { kind: 'resting', detail: 'the circuit is open' });
      return;
    }
    for (const call of calls) call.whole ||= !known.has(call.document.hash);
    const bodies = calls.map((call) => call.document.body(call.variables, call.whole));
    const body = calls.length === 1 ? (bodies[0] ?? '') : `[${bodies.join(',')}]`;
    counts.requests.add();
    const authorization = signer?.sign(first.viewer, body);
    connection.send({ body, authorization, ...receiver(calls, { answered, unanswered, circuit }) });
  };
  const submit = turnCollector<Call>((calls) => {
    for (const group of groupsOf(calls, signer !== undefined)) exchange(group);
  });
  return submit;
}

interface Settling {
  readonly circuit: Circuit;
  answered(call: Call, text: string): void;
  unanswered(call: Call, failure: Failure): void;
}

/** Hears the answers to the calls of one request, in any order. */
function receiver(
  calls: readonly Call[],
  { answered, unanswered, circuit }: Settling,
): Pick<RemoteRequest, 'endsMs' | 'heard' | 'ended'> {
  const waiting = new Set(calls);
  let lastMs = 0;
  return {
    endsMs() {
      for (const call of waiting) if (call.endsMs > lastMs) lastMs = call.endsMs;
      return lastMs;
    },
    heard(text) {
      const line = calls.length === 1 ? { index: 0, text } : answerLine(text);
      const call = line && calls[line.index];
      if (call && waiting.delete(call)) answered(call, line.text);
    },
    ended(failure) {
      const missing: Failure | undefined =
        waiting.size > 0 ? { kind: 'unreadable', detail: 'an answer is missing' } : undefined;
      const wrong = failure ?? missing;
      if (wrong && isIllness(wrong)) circuit.failed();
      else circuit.succeeded();
      if (wrong) for (const call of waiting) unanswered(call, wrong);
    },
  };
}

/** Queries of one viewer go together; a mutation always goes alone, so that it can be refused when it comes twice. */
function groupsOf(calls: readonly Call[], joined: boolean): readonly (readonly Call[])[] {
  const groups: Call[][] = [];
  const open = new Map<string, Call[]>();
  for (const call of calls) {
    const alone = !joined || call.document.operation.kind !== OperationTypeNode.QUERY;
    const group = alone ? undefined : open.get(call.who);
    if (group && group.length < FETCHES_MAX) {
      group.push(call);
      continue;
    }
    const begun = [call];
    groups.push(begun);
    if (!alone) open.set(call.who, begun);
  }
  return groups;
}

/** `[3,{…}]`, taken apart without parsing what is inside. */
function answerLine(line: string): { readonly index: number; readonly text: string } | undefined {
  const comma = line.indexOf(',');
  const index = Number(line.slice(1, comma));
  if (line[0] !== '[' || line.at(-1) !== ']' || comma < 2 || !Number.isInteger(index)) return undefined;
  return { index, text: line.slice(comma + 1, -1) };
}

function isUnknownDocument(text: string): boolean {
  if (text.length > UNKNOWN_DOCUMENT_LENGTH_MAX) return false;
  const answer = parsedAnswer(text) as { errors?: readonly { extensions?: { code?: unknown } }[] } | undefined;
  return answer?.errors?.[0]?.extensions?.code === UNKNOWN_DOCUMENT;
}
