import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { manualClock } from '../clock/manual-clock.ts';
import { AppError } from '../errors.ts';
import { memoryLog } from '../log/memory-log.ts';
import { memoryMetrics } from '../metrics/memory-metrics.ts';
import { gatewaySigner, signingSecrets } from './gateway-token.ts';
import type { Subgraph, Viewer } from './port.ts';
import { serveSubgraph } from './serve-subgraph.ts';
import { documentHash, signedText } from './subgraph-wire.ts';
import { userViewer } from './viewer.ts';

const NOW_MS = Date.UTC(2026, 10, 24);
const SECRETS = signingSecrets('a secret that both ends read, 123456', 'test');
const VIEWER: Viewer = userViewer('u', 'RESEARCHER');
const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
  type Query { whoAsks: String! fails: Int refuses: Int slow: Int }
  type Mutation { count: Int! }
  type Subscription { ticks(upTo: Int!): Tick! }
  type Tick { number: Int! of: String! }
  type Thing @key(fields: "id") { id: ID! name: String! }`;

async function* numbers(upTo: number) {
  for (let number = 1; number <= upTo; number += 1) yield number;
}

let counted = 0;
let slow = Promise.withResolvers<number>();
const resolvers = {
  Query: {
    whoAsks: (_: unknown, __: unknown, { viewer }: { viewer: Viewer }) => JSON.stringify(viewer),
    fails() {
      throw new TypeError('password=hunter2');
    },
    refuses() {
      throw new AppError('FORBIDDEN', 'needs the role ADMIN');
    },
    slow: () => slow.promise,
  },
  Mutation: { count: () => ++counted },
  Subscription: {
    ticks: {
      subscribe(_: unknown, { upTo }: { upTo: number }) {
        if (upTo > 100) throw new AppError('BAD_USER_INPUT', 'upTo: at most 100');
        return numbers(upTo);
      },
      resolve: (number: number) => ({ number }),
    },
  },
  Tick: { of: (_: unknown, __: unknown, { viewer }: { viewer: Viewer }) => viewer.kind },
  Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `Thing ${id}` }) },
};

const clock = manualClock(NOW_MS);
const log = memoryLog();
const metrics = memoryMetrics();
const signer = gatewaySigner(SECRETS, 'things', clock);
const close = async (): Promise<void> => undefined;
const subgraph: Subgraph = {
  name: 'things',
  sdl: SDL,
  schema: buildSubgraphSchema([{ typeDefs: parse(SDL), resolvers: resolvers as never }]),
  context: (viewer) => ({ viewer }),
  caughtUp: close,
  close,
  [Symbol.asyncDispose]: close,
};
const served = serveSubgraph({ subgraph, secrets: SECRETS, clock, log, metrics });
const server = createServer((request, response) => void served.handle(request, response));
server.on('upgrade', served.upgrade);
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
});
afterAll(async () => {
  await served.close();
  server.closeAllConnections();
  server.close();
});

async function post(body: unknown, token?: string | null) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const authorization = token === undefined ? signer.sign(VIEWER, text) : token;
  const headers = {
    'content-type': 'application/json',
    ...(authorization ? { authorization: `Bearer ${authorization}` } : {}),
  };
  const response = await fetch(url, { method: 'POST', headers, body: text });
  return { status: response.status, text: await response.text() };
}

const hashed = (query: string) => ({ persistedQuery: { version: 1, sha256Hash: documentHash(query) } });

describe('a subgraph behind a port', () => {
  it('executes for the viewer that the gateway names', async () => {
    const { status, text } = await post({ query: '{ whoAsks }' });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ data: { whoAsks: JSON.stringify(VIEWER) } });
  });

  it.each([
    '{ whoAsks }',
    '{ _service { sdl } }',
    '{ _entities(representations: [{ __typename: "Thing", id: "1" }]) { ... on Thing { name } } }',
    '{ __schema { queryType { name } } }',
    '{ __typename }',
    'mutation { count }',
  ])('answers nothing to a request without a signature: %s', async (query) => {
    const before = counted;
    const foreign = gatewaySigner(signingSecrets('x'.repeat(40), 'test'), 'things', clock).sign(VIEWER, '');
    for (const token of [null, 'x.y.z', foreign, signer.sign(VIEWER, 'another body')]) {
      const { status, text } = await post({ query }, token);
      expect(status).toBe(401);
      expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      expect(text).not.toContain('data');
    }
    expect(counted).toBe(before);
  });

  it('answers the same to a request that is signed', async () => {
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Thing { name } } _service { sdl } }';
    const { text } = await post({ query, variables: { r: [{ __typename: 'Thing', id: '1' }] } });
    expect(JSON.parse(text).data._entities).toEqual([{ name: 'Thing 1' }]);
  });

  it('knows a document by its hash once it was told it', async () => {
    const query = '{ whoAsks, again: whoAsks }';
    const extensions = hashed(query);
    expect((await post({ extensions })).text).toContain('PERSISTED_QUERY_NOT_FOUND');
    expect((await post({ query, extensions })).text).toContain('"again"');
    expect((await post({ extensions })).text).toContain('"again"');
    expect((await post({ query: '{ __typename }', extensions: hashed('{ fails }') })).text).toContain('not that of');
  });

  it('says what it cannot execute, rather than leave it out', async () => {
    expect((await post({ query: '{ whoAsks nextYearsField }' })).text).toContain('nextYearsField');
    expect((await post({ query: '{ whoAsks' })).text).toContain('BAD_USER_INPUT');
    for (const body of ['', '7', '[]', '[7]', '{"query":7}', '{"variables":7}', JSON.stringify(Array(65).fill({}))]) {
      expect((await post(body)).status, body).toBe(400);
    }
    expect((await fetch(url)).status).toBe(405);
  });

  it('keeps what nobody foresaw in its log, and gives the id to find it by', async () => {
    const { errors, data } = JSON.parse((await post({ query: '{ fails refuses }' })).text);
    expect(data).toEqual({ fails: null, refuses: null });
    expect(JSON.stringify(errors)).not.toContain('hunter2');
    expect(errors[1].extensions).toEqual({ code: 'FORBIDDEN', subject: 'needs the role ADMIN' });
    const logged = log.entries.find(({ attributes }) => attributes['id'] === errors[0].extensions.id);
    expect(String(logged?.attributes['error'])).toContain('hunter2');
  });

  it('does a mutation once, however often it is sent', async () => {
    const body = JSON.stringify({ query: 'mutation { count }' });
    const token = signer.sign(VIEWER, body);
    const before = counted;
    expect((await post(body, token)).text).toBe(`{"data":{"count":${before + 1}}}`);
    expect((await post(body, token)).text).toContain('errors');
    expect(counted).toBe(before + 1);
    expect((await post(body)).text).toBe(`{"data":{"count":${before + 2}}}`);
  });

  it('does no mutation that was signed for a process before this one, which may have heard it', async () => {
    const body = JSON.stringify({ query: 'mutation { count }' });
    const [recorded, fresh] = [
      signer.sign(VIEWER, body),
      async () => (await post(body, signer.sign(VIEWER, body))).text,
    ];
    await clock.advance(11_000);
    const again = serveSubgraph({ subgraph, secrets: SECRETS, clock, log, metrics });
    const restarted = createServer((request, response) => void again.handle(request, response));
    await new Promise<void>((resolve) => restarted.listen(0, '127.0.0.1', resolve));
    const before = counted;
    const there = `http://127.0.0.1:${(restarted.address() as AddressInfo).port}/graphql`;
    const headers = { authorization: `Bearer ${recorded}` };
    expect(await (await fetch(there, { method: 'POST', headers, body })).text()).toContain('errors');
    expect(counted).toBe(before);
    expect(await fresh()).toBe(`{"data":{"count":${before + 1}}}`);
    restarted.closeAllConnections();
    restarted.close();
    await again.close();
  });

  it('answers several fetches each as soon as it is there', async () => {
    const body = JSON.stringify([{ query: '{ slow }' }, { query: '{ whoAsks }' }]);
    const headers = { authorization: `Bearer ${signer.sign(VIEWER, body)}` };
    const response = await fetch(url, { method: 'POST', headers, body });
    const reader = response.body?.getReader();
    const first = Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(first).toMatch(/^\[1,\{"data":\{"whoAsks":.*\]\n$/);
    slow.resolve(7);
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('[0,{"data":{"slow":7}}]\n');
    slow = Promise.withResolvers();
  });
});

describe('subscriptions of a subgraph behind a port', () => {
  const QUERY = 'subscription ($upTo: Int!) { ticks(upTo: $upTo) { number of } }';

  async function connected(init: unknown = { authorization: signer.sign({ kind: 'anonymous' }, '') }) {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
    const messages: unknown[] = [];
    let wake = (): void => undefined;
    socket.on('message', (text) => {
      messages.push(JSON.parse(String(text)));
      wake();
    });
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(JSON.stringify({ type: 'connection_init', payload: init }));
    return {
      socket,
      closed,
      async received(count: number) {
        while (messages.length < count) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        return messages;
      },
    };
  }

  function subscribe(id: string, variables: unknown, token?: string) {
    const message = { query: QUERY, variables, extensions: hashed(QUERY) } as Parameters<typeof signedText>[0];
    const authorization = token ?? signer.sign(VIEWER, signedText(message));
    return JSON.stringify({
      id,
      type: 'subscribe',
      payload: { ...message, extensions: { ...message.extensions, authorization } },
    });
  }

  it('say that they listen, then give events in order, then end', async () => {
    const { socket, received } = await connected();
    socket.send(subscribe('1', { upTo: 3 }));
    const messages = await received(6);
    const next = (payload: unknown) => ({ id: '1', type: 'next', payload });
    expect(messages).toEqual([
      { type: 'connection_ack' },
      next({ extensions: { listening: true } }),
      ...[1, 2, 3].map((number) => next({ data: { ticks: { number, of: 'user' } } })),
      { id: '1', type: 'complete' },
    ]);
    socket.close();
  });

  it('are refused without a signature over what they ask for', async () => {
    const { socket, received } = await connected();
    socket.send(subscribe('1', { upTo: 3 }, signer.sign(VIEWER, 'something else')));
    socket.send(subscribe('2', { upTo: 101 }));
    const [, first, second] = (await received(3)) as { id: string; type: string; payload: unknown }[];
    expect(first).toMatchObject({ id: '1', type: 'error', payload: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(second).toMatchObject({ id: '2', type: 'error', payload: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    socket.close();
  });

  it('are not for anybody who is not the gateway', async () => {
    expect(await (await connected({})).closed).toBe(4401);
    const early = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
    await new Promise((resolve) => early.once('open', resolve));
    const closed = new Promise((resolve) => early.once('close', resolve));
    early.send(subscribe('1', { upTo: 3 }));
    expect(await closed).toBe(4401);
  });

  it('end a connection that says nothing', async () => {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await clock.advance(3_000);
    expect(await closed).toBe(4408);
  });
});
