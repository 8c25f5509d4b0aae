import { createServer, type Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';
import { expect, it, onTestFinished } from 'vitest';
import { manualClock } from '../../clock/manual-clock.ts';
import { systemClock } from '../../clock/system-clock.ts';
import { memoryLog } from '../../log/memory-log.ts';
import { openConsumer } from './consumer.ts';

const VERSION = { protocolVersion: 5 } as const;

/** A broker that lets everybody in, remembers nobody, and tells of each subscription and of what is acknowledged. */
async function forgetfulBroker(
  onSubscribed: (socket: Socket) => void,
  onAcknowledged: (messageId: number) => void = () => undefined,
): Promise<number> {
  const server = createServer((socket) => {
    const packets = parser(VERSION);
    packets.on('packet', ({ cmd, messageId = 0 }: Packet) => {
      if (cmd === 'puback') onAcknowledged(messageId);
      if (cmd === 'connect') socket.write(generate({ cmd: 'connack', reasonCode: 0, sessionPresent: false }, VERSION));
      if (cmd !== 'subscribe') return;
      socket.write(generate({ cmd: 'suback', messageId: 1, granted: [1] }, VERSION));
      onSubscribed(socket);
    });
    socket.on('data', (bytes) => packets.parse(bytes));
    socket.on('error', () => undefined);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { readonly port: number }).port;
}

it('a consumer whose session a broker has forgotten says that messages may be lost, and listens again', async () => {
  const again = Promise.withResolvers<void>();
  let subscriptions = 0;
  const port = await forgetfulBroker((socket) => {
    subscriptions += 1;
    if (subscriptions === 1) socket.end();
    else again.resolve();
  });
  const log = memoryLog();
  const consumer = openConsumer({
    ...{
      clientId: 'ingest-1',
      filter: '$share/ingest/greencity/v1/#',
      sessionS: 60,
      inFlightMax: 10,
      payloadBytesMax: 8_192,
    },
    ...{ connection: { url: `mqtt://ingest:secret@127.0.0.1:${port}` }, clock: systemClock(), log },
    ...{ handle: async () => undefined, onUnacknowledged: () => undefined },
  });
  await consumer.standing.connected();
  expect(log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  await again.promise;
  expect(log.entries.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
    'Mosquitto has forgotten our session; messages of the last moments may be lost',
  ]);
  await consumer.close();
});

it('a consumer does not read on from a broker that sends more than may be in flight, and takes all of it in the end', async () => {
  const [sent, inFlightMax] = [1_000, 10];
  const acknowledged: number[] = [];
  const all = Promise.withResolvers<void>();
  const packets = Array.from({ length: sent }, (_, index) =>
    generate(
      { cmd: 'publish', topic: 'a', payload: `${index}`, qos: 1, messageId: index + 1, dup: false, retain: false },
      VERSION,
    ),
  );
  const port = await forgetfulBroker(
    (socket) => socket.write(Buffer.concat(packets)),
    (messageId) => {
      if (acknowledged.push(messageId) === sent) all.resolve();
    },
  );
  let [inHand, mostInHand] = [0, 0];
  const consumer = openConsumer({
    ...{ clientId: 'ingest-1', filter: 'a', sessionS: 60, inFlightMax, payloadBytesMax: 8_192 },
    ...{ connection: { url: `mqtt://127.0.0.1:${port}` }, clock: systemClock(), log: memoryLog() },
    async handle() {
      inHand += 1;
      mostInHand = Math.max(mostInHand, inHand);
      await new Promise((resolve) => setImmediate(resolve));
      inHand -= 1;
    },
    onUnacknowledged: () => undefined,
  });
  await all.promise;
  expect(acknowledged).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
  expect(mostInHand).toBe(inFlightMax);
  await consumer.close();
});

it('a broker that falls silent is told of after some seconds, and no more once it is heard again', async () => {
  const subscribed = Promise.withResolvers<Socket>();
  const port = await forgetfulBroker(subscribed.resolve);
  const clock = manualClock(0);
  const consumer = openConsumer({
    ...{ clientId: 'ingest-1', filter: 'a', sessionS: 60, inFlightMax: 10, payloadBytesMax: 8_192 },
    ...{ connection: { url: `mqtt://127.0.0.1:${port}` }, clock, log: memoryLog() },
    ...{ handle: async () => undefined, onUnacknowledged: () => undefined },
  });
  const broker = await subscribed.promise;
  await consumer.standing.connected();
  await clock.advance(6_000);
  expect(consumer.standing.trouble).toBeUndefined();
  await clock.advance(6_000);
  expect(consumer.standing.trouble).toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  broker.write(generate({ cmd: 'pingresp' }, VERSION));
  await expect.poll(() => consumer.standing.trouble).toBeUndefined();
  await consumer.close();
});
