import { once } from 'node:events';
import { eventually } from '@greencity/app/e2e/client';
import WebSocket from 'ws';
import { type Attack, FLOOD_MS, inTurn, together, unexpected } from './attack.ts';
import { many } from './documents.ts';
import { headOf, type RawConnection, rawConnection, within } from './raw-connections.ts';
import type { Target } from './target.ts';

/** Longer than the platform waits for a request, and a little more to look. */
const REQUEST_GRACE_MS = 45_000;
const READER_GRACE_MS = 60_000;

interface Trickle {
  readonly name: string;
  readonly host: number;
  readonly connections: number;
  readonly expected: readonly string[];
  /** What is sent at once; then a byte each second. */
  opening(target: Target, host: number): string;
  readonly drop: string;
}

/** Many connections that send as little as they can, until each is closed. */
function trickle({ name, host, connections, expected, opening, drop }: Trickle): Attack {
  return {
    name,
    path: 'HTTP',
    async run(target, answers) {
      const each = async (): Promise<void> => {
        const { socket, received, ended } = await rawConnection(target);
        socket.write(opening(target, host));
        const dripping = setInterval(() => drop !== '' && socket.write(drop), 1_000);
        const closed = await within(ended, REQUEST_GRACE_MS);
        clearInterval(dripping);
        socket.destroy();
        answers.add(closed ? `closed ${/^HTTP\/1.1 (\d+)/.exec(received())?.[1] ?? 'in silence'}` : 'still open');
      };
      await Promise.all(Array.from({ length: connections }, each));
      return unexpected(answers, expected);
    },
  };
}

const EXPECTED = ['closed 408', 'closed in silence'];
const SLOW_SENDERS = together('slow heads, slow bodies, idle connections', 'HTTP', [
  trickle({
    ...{ name: 'heads', host: 80, connections: 300, expected: EXPECTED, drop: 'x' },
    opening: (target, host) => headOf(target, host, 'GET /graphql?query=%7B__typename%7D HTTP/1.1'),
  }),
  trickle({
    ...{ name: 'bodies', host: 81, connections: 300, expected: EXPECTED, drop: ' ' },
    opening: (target, host) => {
      const more = { 'content-type': 'application/json', 'content-length': '1000' };
      return `${headOf(target, host, 'POST /graphql HTTP/1.1', more)}\r\n{"query":`;
    },
  }),
  trickle({ ...{ name: 'idle', host: 82, connections: 1_000, expected: EXPECTED, drop: '' }, opening: () => '' }),
]);

const PIPELINED: Attack = {
  name: '20 × 5,000 requests in one write',
  path: 'HTTP',
  async run(target, answers) {
    const request = `${headOf(target, 83, 'GET /graphql?query=%7Bzones%7Bid%7D%7D HTTP/1.1', { 'apollo-require-preflight': 'yes' })}\r\n`;
    const each = async (): Promise<void> => {
      const { socket, ended } = await rawConnection(target);
      socket.write(request.repeat(5_000));
      answers.add((await within(ended, FLOOD_MS * 4)) ? 'closed' : 'still open');
      socket.destroy();
    };
    await Promise.all(Array.from({ length: 20 }, each));
    return unexpected(answers, ['closed']);
  },
};

/** One answer to this has some 100 KB. */
const LARGE = '{__schema{types{name description fields{name description args{name description}}}}}';

const UNREAD_ANSWERS: Attack = {
  name: 'large answers that nobody reads',
  path: 'HTTP',
  async run(target, answers) {
    const held: RawConnection[] = [];
    for (let count = 0; count < 100; count += 1) {
      const connection = await rawConnection(target);
      connection.socket.pause();
      const path = `/graphql?query=${encodeURIComponent(LARGE)}`;
      const request = `${headOf(target, 84, `GET ${path} HTTP/1.1`, { 'apollo-require-preflight': 'yes' })}\r\n`;
      connection.socket.write(request.repeat(30));
      held.push(connection);
    }
    await new Promise((resolve) => setTimeout(resolve, FLOOD_MS));
    // What the platform closed shows when it is read.
    for (const { socket } of held) socket.resume();
    const closed = await Promise.all(held.map(({ ended }) => within(ended, REQUEST_GRACE_MS)));
    for (const end of closed) answers.add(end ? 'closed' : 'still open');
    for (const { socket } of held) socket.destroy();
    return unexpected(answers, ['closed']);
  },
};

/** Exports that nobody reads: each writes no more than what fits into its connection, until somebody does. */
const UNREAD_EXPORTS: Attack = {
  name: 'slow readers of an export',
  path: 'REST',
  async run(target, answers) {
    const [from, to] = [Date.now() - 30 * 86_400_000, Date.now()].map((ms) => new Date(ms).toISOString());
    const first = `GET /api/v1/export?metric=PM2_5&from=${from}&to=${to} HTTP/1.1`;
    const each = async (): Promise<void> => {
      const { socket, received, ended } = await rawConnection(target);
      socket.pause();
      socket.write(`${headOf(target, 86, first, { connection: 'close' })}\r\n`);
      await new Promise((resolve) => setTimeout(resolve, FLOOD_MS * 2));
      socket.resume();
      const closed = await within(ended, READER_GRACE_MS);
      answers.add(closed ? (/^HTTP\/1.1 (\d+)/.exec(received())?.[1] ?? 'closed') : 'still open');
      socket.destroy();
    };
    await Promise.all(Array.from({ length: 60 }, each));
    return unexpected(answers, ['200', '429', 'closed']);
  },
};

/** Every event of this takes some 60 KB. */
const FAT_EVENTS = `subscription{measurementReceived{${many(28, (n) => `${'x'.repeat(540)}${n}:device{id name}`)}}}`;

/** How many clients the platform has given up because they took nothing. */
async function givenUp({ url }: Target): Promise<number> {
  const exposition = await (await fetch(`${url}/metrics`)).text();
  return Number(/^gateway_slow_clients_total (\d+)/m.exec(exposition)?.[1] ?? 0);
}

/** A reader that takes nothing until it has been given up learns why, behind what it still has to take. */
const SOCKET_READERS: Attack = {
  name: 'slow readers of events',
  path: 'WebSocket',
  async run(target, answers) {
    const before = await givenUp(target);
    const sockets = await Promise.all(Array.from({ length: 3 }, () => paused(target)));
    const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
    const adding = addReadings(target, closed);
    await eventually('the readers to be given up', async () =>
      (await givenUp(target)) >= before + sockets.length ? true : undefined,
    );
    for (const socket of sockets) socket.resume();
    if (!(await within(closed, READER_GRACE_MS))) return 'they stayed open';
    for (const [code] of await closed) answers.add(`closed ${code}`);
    await adding;
    return unexpected(answers, ['closed 4429']);
  },
};

/** Subscribed to fat events, and reading nothing from then on. */
async function paused(target: Target): Promise<WebSocket> {
  const socket = new WebSocket(target.socketUrl, 'graphql-transport-ws', { headers: target.from(85) });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: FAT_EVENTS } }));
  socket.pause();
  return socket;
}

/** Subscribes over HTTP and reads nothing of it. Readings make events meanwhile. */
function streamReaders(name: string, accept: string, host: number): Attack {
  return {
    name: 'slow readers of events',
    path: name,
    async run(target, answers) {
      const body = JSON.stringify({ query: FAT_EVENTS });
      const more = { accept, 'content-type': 'application/json', 'content-length': `${body.length}` };
      const each = async (): Promise<void> => {
        const { socket, ended } = await rawConnection(target);
        socket.write(`${headOf(target, host, 'POST /graphql HTTP/1.1', more)}\r\n${body}`);
        await new Promise((resolve) => socket.once('data', resolve));
        socket.pause();
        const done = addReadings(target, ended);
        await new Promise((resolve) => setTimeout(resolve, FLOOD_MS * 2));
        socket.resume();
        answers.add((await within(ended, READER_GRACE_MS)) ? 'closed' : 'still open');
        socket.destroy();
        await done;
      };
      await Promise.all(Array.from({ length: 3 }, each));
      return unexpected(answers, ['closed']);
    },
  };
}

/** Readings of a device in the name of an administrator, until the reader is gone. */
async function addReadings({ platform }: Target, until: Promise<unknown>): Promise<void> {
  const { data } = await platform.graphql('{devices(first:20){nodes{id}}}');
  const ids = (data.devices.nodes as readonly { readonly id: string }[]).map(({ id }) => id);
  const add = 'mutation($input:[MeasurementInput!]!){addMeasurements(input:$input){accepted}}';
  let gone = false;
  void until.then(() => (gone = true));
  for (let round = 0; round < 40 && !gone; round += 1) {
    const time = new Date(Date.now() - round * 1_000).toISOString();
    const input = ids.flatMap((deviceId) =>
      ['CO2', 'NOISE'].map((metric) => ({ deviceId, metric, value: 400 + round, time })),
    );
    await platform.graphql(add, { input });
  }
}

/** Exports that are asked for by many who have gone before their turn. */
const EXPORTS_OF_THE_GONE: Attack = {
  name: 'exports of those who have gone',
  path: 'REST',
  async run(target, answers) {
    const each = async (index: number): Promise<void> => {
      const from = new Date(Date.now() - 86_400_000 - index * 60_000).toISOString();
      const { socket } = await rawConnection(target);
      socket.write(`${headOf(target, 87, `GET /api/v1/export?metric=PM2_5&from=${from} HTTP/1.1`)}\r\n`);
      await new Promise((resolve) => setTimeout(resolve, FLOOD_MS / 2));
      socket.resetAndDestroy();
      answers.add('gone');
    };
    await Promise.all(Array.from({ length: 200 }, (_, index) => each(index)));
    return unexpected(answers, ['gone']);
  },
};

const SLOW_READERS = inTurn('slow readers', 'HTTP', [
  UNREAD_ANSWERS,
  UNREAD_EXPORTS,
  SOCKET_READERS,
  streamReaders('events', 'text/event-stream', 95),
  streamReaders('multipart', 'multipart/mixed;subscriptionSpec=1.0, application/json', 96),
]);

/** Attacks by those who take their time. Slow senders are waited for for half a minute, in which slow readers have their time. */
export const SLOW_CLIENTS: readonly Attack[] = [
  PIPELINED,
  EXPORTS_OF_THE_GONE,
  together('slow senders beside slow readers', 'HTTP', [SLOW_SENDERS, SLOW_READERS]),
];
