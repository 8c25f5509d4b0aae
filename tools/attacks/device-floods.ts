import { randomBytes, randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { DeviceCredentials } from '@greencity/app/e2e/client';
import { generate } from 'mqtt-packet';
import { type Attack, FLOOD_MS, together, unexpected } from './attack.ts';
import { within } from './raw-connections.ts';
import type { Target } from './target.ts';

const GRACE_MS = 10_000;
const PACKET_IDS = 65_535;

/** A connection to the broker, with nothing said over it. */
function opened({ platform }: Target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(platform.mqttPort, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

function hello(username: string, password: string): Buffer {
  const keepalive = 60;
  return generate({
    ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive },
    ...{ clientId: username, username, password: Buffer.from(password) },
  });
}

/** A device of the attacker's own, signed in. */
async function device(target: Target): Promise<{ readonly socket: Socket; readonly own: DeviceCredentials }> {
  const id = `attacker-${randomUUID().slice(0, 8)}`;
  const location = { latitude: 57.14, longitude: -2.09 };
  const own = await target.platform.register({ id, name: id, location, sensors: ['SDS011'] });
  const socket = await opened(target);
  const accepted = new Promise((resolve) => socket.once('data', resolve));
  socket.write(hello(own.username, own.password));
  await within(accepted, GRACE_MS);
  return { socket, own };
}

const whatBecame = (socket: Socket): string => (socket.destroyed ? 'closed' : 'open');

/** Writes as fast as it is taken. */
async function pour(socket: Socket, next: () => Buffer): Promise<void> {
  const endMs = performance.now() + FLOOD_MS;
  while (performance.now() < endMs && !socket.destroyed) {
    if (!socket.write(next())) await within(new Promise((resolve) => socket.once('drain', resolve)), GRACE_MS);
    else await new Promise((resolve) => setImmediate(resolve));
  }
}

interface OfDevice {
  readonly name: string;
  readonly expected: readonly string[];
  bytes(topic: string, index: number): Buffer;
}

/** One device that is who it says, and sends without end. */
function ofDevice({ name, expected, bytes }: OfDevice): Attack {
  return {
    name,
    path: 'MQTT',
    async run(target, answers) {
      const { socket, own } = await device(target);
      socket.resume();
      let index = 0;
      await pour(socket, () => {
        index += 1;
        return bytes(`greencity/v1/${own.id}/measurements`, index);
      });
      answers.add(whatBecame(socket));
      socket.destroy();
      return unexpected(answers, expected);
    },
  };
}

function published(topic: string, index: number, payload: string): Buffer {
  const messageId = 1 + (index % PACKET_IDS);
  return generate({ cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain: false });
}

const READING = JSON.stringify({ bootId: 7, seq: 1, values: { pm2_5: 12.4, pm10: 20.1, temperature: 8.2 } });
const DEEP = `${'['.repeat(4_000)}${']'.repeat(4_000)}`;
const WRONG = JSON.stringify(
  Array.from({ length: 90 }, () => ({ values: { pm2_5: 'x', ours: 1, pm10: null, a: [] } })),
);

/** Strangers that send something at once, on as many connections, and are closed. */
function ofStrangers(name: string, connections: number, bytes: () => Buffer): Attack {
  return {
    name,
    path: 'MQTT',
    async run(target, answers) {
      const each = async (): Promise<void> => {
        const socket = await opened(target);
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.resume();
        socket.write(bytes());
        await within(closed, GRACE_MS);
        answers.add(whatBecame(socket));
        socket.destroy();
      };
      await Promise.all(Array.from({ length: connections }, each));
      return unexpected(answers, ['closed']);
    },
  };
}

const GUESSES: Attack = {
  name: 'guessed secrets of devices',
  path: 'MQTT',
  async run(target, answers) {
    const endMs = performance.now() + FLOOD_MS;
    const stream = async (): Promise<void> => {
      while (performance.now() < endMs) {
        const socket = await opened(target);
        const told = new Promise<Buffer>((resolve) => socket.once('data', resolve));
        socket.write(hello(target.deviceId, randomBytes(16).toString('hex')));
        answers.add((await within(told, GRACE_MS)) ? `refused ${(await told)[3]}` : 'nothing');
        socket.destroy();
      }
    };
    await Promise.all(Array.from({ length: 50 }, stream));
    return unexpected(answers, ['refused 4']);
  },
};

/** Attacks over MQTT. */
export const DEVICE_FLOODS: readonly Attack[] = [
  ofDevice({ name: 'readings without end', expected: ['open'], bytes: (topic, n) => published(topic, n, READING) }),
  ofDevice({
    ...{ name: 'readings 4,000 lists deep', expected: ['open'] },
    bytes: (topic, n) => published(topic, n, DEEP),
  }),
  ofDevice({ name: 'messages of wrong readings', expected: ['open'], bytes: (topic, n) => published(topic, n, WRONG) }),
  ofDevice({
    name: 'pings of a device',
    expected: ['open'],
    bytes: () => Buffer.alloc(60_000, Buffer.from([0xc0, 0])),
  }),
  together('what is no MQTT, and packets of 256 MB', 'MQTT', [
    ofStrangers('what is no MQTT', 200, () => randomBytes(60_000)),
    ofStrangers('packets of 256 MB, announced', 50, () => Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])),
  ]),
  GUESSES,
];
