import { oneOf as oneAt, seededChance } from '@greencity/air/chance';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Served, serve } from '../fixtures/served.ts';
import { type KeptChannel, keptCity, type SmallCity } from '../fixtures/small-city.ts';
import { type SocketClient, socketClient } from '../fixtures/socket-client.ts';
import { openStream } from '../fixtures/stream-client.ts';
import { until } from '../fixtures/until.ts';

const SEED = 20_261_126;
const SUBSCRIBERS = 1_000;
/** Clients that come and go at the same time. */
const AT_ONCE = 50;
const MULTIPART = 'multipart/mixed;subscriptionSpec=1.0';

let city: SmallCity & { readonly readings: KeptChannel };
let served: Served;
beforeEach(async () => {
  city = keptCity();
  served = await serve(city.subgraphs);
});
afterEach(() => served.close());

const random = seededChance(SEED);
const oneOf = <T>(choices: readonly T[]): T => oneAt(choices, random);
const turn = () => new Promise((resolve) => setImmediate(resolve));

const aQuery = (): string =>
  `subscription { reading(device: "${oneOf(['a', 'b', 'c', 'dead'])}") { device { name } } }`;
const aStart = (): object =>
  oneOf([{}, { snapshot: true }, { cursor: 'c000001' }, { cursor: 'c999999' }, { cursor: 'bad' }]);

async function overSocket(): Promise<void> {
  const client: SocketClient = await socketClient(served.wsUrl);
  if (random() < 0.1) return client.socket.terminate();
  await client.init();
  const subscriptions = 1 + Math.floor(random() * 3);
  for (let index = 0; index < subscriptions; index += 1) {
    client.subscribe(`s${index}`, aQuery(), { extensions: aStart() });
  }
  for (let turns = Math.floor(random() * 5); turns > 0; turns -= 1) await turn();
  if (random() < 0.3) client.say({ id: 's0', type: 'complete' });
  for (let turns = Math.floor(random() * 5); turns > 0; turns -= 1) await turn();
  if (random() < 0.5) client.socket.terminate();
  else client.socket.close();
  await client.closed;
}

async function overHttp(accept: string): Promise<void> {
  const stream = await openStream(served.url, { query: aQuery(), headers: { accept }, extensions: aStart() });
  for (let turns = Math.floor(random() * 5); turns > 0; turns -= 1) await turn();
  stream.gone.abort();
  await stream.ended;
}

it(`leaves no listener, group, stream or timer behind after ${SUBSCRIBERS} subscribers joined and left at random (seed ${SEED})`, {
  timeout: 120_000,
}, async () => {
  const timersBefore = served.clock.waiting();
  city.readings.publish('a');
  let left = SUBSCRIBERS;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      if (random() < 0.3) city.readings.publish(oneOf(['a', 'b']));
      await oneOf([overSocket, overSocket, () => overHttp('text/event-stream'), () => overHttp(MULTIPART)])();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  city.readings.publish('b');
  const exposition = () => served.metrics.exposition();
  await until(() => exposition().includes('gateway_web_sockets 0'));
  await until(() => exposition().includes('gateway_event_streams 0'));
  await until(() => exposition().includes('gateway_subscription_groups 0'));
  expect(city.readings.listeners).toBe(0);
  await until(() => served.clock.waiting() === timersBefore);
  expect(served.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
});
