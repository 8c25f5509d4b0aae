import WebSocket from 'ws';
import { type Attack, FLOOD_MS, missing, unexpected } from './attack.ts';
import { clientFrame, closeCodeIn, upgradedConnection, within } from './raw-connections.ts';
import { HERE, type Target } from './target.ts';

const GRACE_MS = 30_000;
const PROTOCOL = 'graphql-transport-ws';

/** What became of a try to connect: an open socket, or the status that refused it. */
async function opened(target: Target, host: number): Promise<WebSocket | number> {
  const socket = new WebSocket(target.socketUrl, PROTOCOL, { headers: target.from(host) });
  return await new Promise((resolve) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', () => resolve(0));
  });
}

/** A connection that the platform has acknowledged. */
async function acknowledged(target: Target, host: number): Promise<WebSocket | undefined> {
  const socket = await opened(target, host);
  if (typeof socket === 'number') return undefined;
  const ack = new Promise((resolve) => socket.once('message', resolve));
  socket.send('{"type":"connection_init"}');
  await within(ack, GRACE_MS);
  return socket;
}

/** Resolves to the close code, 0 when it does not come. */
async function closeOf(socket: WebSocket): Promise<number> {
  let code = 0;
  const closed = new Promise<void>((resolve) =>
    socket.once('close', (given) => {
      code = given;
      resolve();
    }),
  );
  await within(closed, GRACE_MS);
  socket.terminate();
  return code;
}

interface SocketFlood {
  readonly name: string;
  readonly host: number;
  readonly sockets: number;
  /** The close code that each of them must come to. */
  readonly closed: number;
  attack(socket: WebSocket): void;
}

/** Several connections that all do the same until they are closed. */
function socketFlood({ name, host, sockets, closed, attack }: SocketFlood): Attack {
  return {
    name,
    path: 'WebSocket',
    async run(target, answers) {
      const each = async (): Promise<void> => {
        const socket = await acknowledged(target, host);
        if (!socket) return answers.add('not connected');
        socket.on('error', () => undefined);
        const ended = closeOf(socket);
        attack(socket);
        answers.add(`closed ${await ended}`);
      };
      await Promise.all(Array.from({ length: sockets }, each));
      return unexpected(answers, [`closed ${closed}`]);
    },
  };
}

/** More connections than one address may have. */
const connects = (name: string, host: number): Attack => ({
  name,
  path: 'WebSocket',
  async run(target, answers) {
    const tries = await Promise.all(Array.from({ length: 300 }, () => opened(target, host)));
    const open = tries.filter((socket) => typeof socket !== 'number');
    for (const refused of tries) if (typeof refused === 'number') answers.add(`${refused}`);
    answers.add('open', open.length);
    // None of them says who it is.
    for (const code of await Promise.all(open.map(closeOf))) answers.add(`then closed ${code}`);
    if (answers.count('429') !== 200) return `200 of them should be refused with 429, ${answers.count('429')} were`;
    return unexpected(answers, ['429', 'open', 'then closed 4408']);
  },
});

const CHURN: Attack = {
  name: 'connections that come and go',
  path: 'WebSocket',
  async run(target, answers) {
    const endMs = performance.now() + FLOOD_MS;
    const stream = async (): Promise<void> => {
      while (performance.now() < endMs) {
        const socket = await acknowledged(target, 61);
        if (!socket) {
          answers.add('not connected');
          continue;
        }
        socket.send(subscribe('1', 'subscription{deviceStatusChanged{id}}'));
        socket.terminate();
        answers.add('connected');
      }
    };
    await Promise.all(Array.from({ length: 30 }, stream));
    return missing(answers, 'connected');
  },
};

function subscribe(id: string, query: string): string {
  return JSON.stringify({ id, type: 'subscribe', payload: { query } });
}

const SUBSCRIPTIONS = 400;
const AT_A_TIME_MAX = 20;

const SUBSCRIBES: Attack = {
  name: '400 subscriptions at once',
  path: 'WebSocket',
  async run(target, answers) {
    const socket = await acknowledged(target, 62);
    if (!socket) return 'not connected';
    const refused = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        const { type, payload } = JSON.parse(String(data)) as {
          type: string;
          payload?: { extensions: { code: string } }[];
        };
        if (type === 'error') answers.add(payload?.[0]?.extensions.code ?? 'error');
        if (answers.total() === SUBSCRIPTIONS - AT_A_TIME_MAX) resolve();
      });
    });
    for (let id = 0; id < SUBSCRIPTIONS; id += 1)
      socket.send(subscribe(`${id}`, `subscription S${id}{deviceStatusChanged{id}}`));
    const all = await within(refused, GRACE_MS);
    socket.terminate();
    return all ? unexpected(answers, ['RATE_LIMITED']) : 'not all but 20 were refused';
  },
};

/** Frames by hand, and the close code that they must come to. */
function frames(name: string, host: number, closed: number, bytes: () => Buffer): Attack {
  return {
    name,
    path: 'WebSocket',
    async run(target, answers) {
      const each = async (): Promise<void> => {
        const { socket, received, ended } = await upgradedConnection(target, host);
        socket.write(clientFrame(0x81, Buffer.from('{"type":"connection_init"}')));
        socket.write(bytes());
        await within(ended, GRACE_MS);
        socket.destroy();
        answers.add(`closed ${closeCodeIn(received())}`);
      };
      await Promise.all(Array.from({ length: 20 }, each));
      return unexpected(answers, [`closed ${closed}`]);
    },
  };
}

const NAMES: Attack = {
  name: 'ids that are names of ours',
  path: 'WebSocket',
  async run(target, answers) {
    const socket = await acknowledged(target, 66);
    if (!socket) return 'not connected';
    for (const id of ['constructor', '__proto__', 'toString']) {
      const answer = new Promise<{ id: string; type: string }>((resolve) =>
        socket.on('message', (data) => {
          const message = JSON.parse(String(data)) as { id: string; type: string };
          if (message.type !== 'complete') resolve(message);
        }),
      );
      socket.send(subscribe(id, '{__typename}'));
      const got = (await within(answer, GRACE_MS)) ? await answer : undefined;
      answers.add(got?.id === id && got.type === 'next' ? 'answered' : `${got?.type}`);
    }
    socket.terminate();
    return unexpected(answers, ['answered']);
  },
};

/** Pings of somebody who does not read: pongs would pile up. */
function unreadPings(socket: WebSocket): void {
  socket.pause();
  for (let count = 0; count < 2_000; count += 1) socket.ping('x'.repeat(120), true, () => undefined);
  setTimeout(() => socket.resume(), 1_000);
}

/** Attacks by WebSockets for a platform with RATE_LIMIT_LOCAL=on. */
export const LOCAL_SOCKETS: readonly Attack[] = [connects('300 connections from this machine', HERE)];

/** Attacks by WebSockets. */
export const SOCKET_FLOODS: readonly Attack[] = [
  connects('300 connections from one address', 60),
  CHURN,
  SUBSCRIBES,
  socketFlood({
    ...{ name: 'connection_init again and again', host: 63, sockets: 50, closed: 4429 },
    attack: (socket) => {
      for (let count = 0; count < 200; count += 1) socket.send('{"type":"connection_init"}');
    },
  }),
  socketFlood({
    ...{ name: 'messages that are pings', host: 64, sockets: 20, closed: 4429 },
    attack: (socket) => {
      for (let count = 0; count < 2_000; count += 1) socket.send('{"type":"ping"}');
    },
  }),
  socketFlood({
    ...{ name: 'messages 28,000 lists deep', host: 73, sockets: 20, closed: 4400 },
    attack: (socket) => {
      const message = `{"type":"ping","payload":{"more":${'['.repeat(28_000)}${']'.repeat(28_000)}}}`;
      for (let count = 0; count < 10; count += 1) socket.send(message);
    },
  }),
  socketFlood({
    ...{ name: 'pings, and nothing is read', host: 65, sockets: 20, closed: 4429 },
    attack: unreadPings,
  }),
  NAMES,
  frames('frames with reserved bits', 67, 1002, () => clientFrame(0xf1, Buffer.from('{}'))),
  frames('frames of an unknown kind', 68, 1002, () => clientFrame(0x83, Buffer.from('{}'))),
  frames('text that is no text', 69, 1007, () => clientFrame(0x81, Buffer.from([0xff, 0xfe, 0x80]))),
  frames('a message of 1 MB', 70, 1009, () => clientFrame(0x81, Buffer.alloc(1024 * 1024, 0x20))),
  frames('a message in 10,000 pieces', 71, 1008, () =>
    Buffer.concat([
      clientFrame(0x01, Buffer.from(' ')),
      ...Array.from({ length: 10_000 }, () => clientFrame(0x00, Buffer.from(' '))),
    ]),
  ),
];
