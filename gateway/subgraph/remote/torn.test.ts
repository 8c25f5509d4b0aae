import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { remoteCity } from '../../fixtures/remote-city.ts';
import { NOW_MS } from '../../fixtures/served.ts';
import { type Message, type SocketClient, socketClient } from '../../fixtures/socket-client.ts';
import { openStream } from '../../fixtures/stream-client.ts';
import { until } from '../../fixtures/until.ts';

const LIVE = 'subscription { reading { device { id } } }';

let city: Awaited<ReturnType<typeof remoteCity>>;
let client: SocketClient;
beforeEach(async () => {
  city = await remoteCity();
  client = await socketClient(city.wsUrl);
  await client.init();
});
afterEach(() => city[Symbol.asyncDispose]());

const { id, type } = { id: '1', type: 'next' };
const reading = (device: string, extensions?: object): Message => ({
  ...{ id, type },
  payload: { data: { reading: { device: { id: device } } }, ...(extensions ? { extensions } : {}) },
});
const listening = () => until(() => city.city.readings.listeners === 1);
/** From the moment when the connection was last heard to the one when it was there again, as whole milliseconds since the test began. */
const gapOf = (message: Message | undefined): readonly number[] => {
  const { from, to } = message?.payload.extensions.gap ?? {};
  return [from, to].map((time: string) => Date.parse(time) - NOW_MS);
};

async function subscribed(): Promise<void> {
  client.subscribe(id, LIVE);
  await listening();
  city.city.readings.publish('a');
  await client.received(2);
}

/** Ends the subgraph as a kill does. */
async function away(): Promise<void> {
  const port = city.port('readings');
  port.cut();
  await port.close();
  await until(() => city.city.readings.listeners === 0);
}

async function back(): Promise<void> {
  await city.restart('readings');
  await city.whileTimePasses(listening());
}

describe('a subscription to a subgraph that keeps no past and breaks off', () => {
  it('goes on by itself, and its next event alone tells of the gap', async () => {
    await subscribed();
    await city.clock.advance(1_000);
    await away();
    await back();
    const backMs = city.clock.nowMs() - NOW_MS;
    city.city.readings.publish('b');
    city.city.readings.publish('c');
    const messages = await client.received(4);
    expect(messages[1]).toEqual(reading('a'));
    expect(messages[2]).toEqual(reading('b', { gap: expect.anything() }));
    expect(messages[3]).toEqual(reading('c'));
    const [fromMs, toMs] = gapOf(messages[2]);
    expect(fromMs).toBe(0);
    expect(toMs).toBeGreaterThan(1_000);
    expect(toMs).toBeLessThanOrEqual(backMs);
    expect(city.metric('gateway_subgraph_streams_torn_total')).toBe(1);
    expect(city.metric('gateway_subgraph_streams_resumed_total')).toBe(0);
  });

  it('tells of two breaks without an event between them as one gap', async () => {
    await subscribed();
    for (let time = 0; time < 2; time += 1) {
      await away();
      await back();
    }
    const backMs = city.clock.nowMs() - NOW_MS;
    city.city.readings.publish('b');
    const [fromMs, toMs] = gapOf((await client.received(3))[2]);
    expect(fromMs).toBe(0);
    expect(backMs - (toMs ?? 0)).toBeLessThan(100);
  });

  it('is told as well to who takes it as server-sent events', async () => {
    const stream = await openStream(city.url, { query: LIVE });
    await listening();
    await away();
    await back();
    city.city.readings.publish('b');
    await until(() => stream.text().includes('"gap":{"from":"2026-11-24T'));
    stream.gone.abort();
    await stream.ended;
  });

  it('ends with the reason when it stays away for a minute', async () => {
    await subscribed();
    await away();
    await city.whileTimePasses(client.received(3), 1_000);
    const ended = {
      message: expect.stringContaining('readings cannot be reached'),
      extensions: { code: 'UNAVAILABLE' },
    };
    expect(client.messages[2]).toMatchObject({ id, type: 'error', payload: [ended] });
  });

  it('is not opened again for who left meanwhile', async () => {
    await subscribed();
    await away();
    client.say({ id, type: 'complete' });
    await until(() => city.metric('gateway_subscription_groups') === 0);
    await city.restart('readings');
    await city.clock.advance(10_000);
    const other = await socketClient(city.wsUrl);
    await other.init();
    other.subscribe(id, LIVE);
    await listening();
    city.city.readings.publish('b');
    expect((await other.received(2))[1]).toEqual(reading('b'));
  });
});
