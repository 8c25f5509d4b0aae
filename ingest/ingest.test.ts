import { deadLetterFormat, rawReadingFormat } from '@greencity/schema/events/reading';
import type { MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDevice, openIntake, register, type TestIntake } from './fixtures/intake.ts';

const MEASUREMENTS = 'greencity/v1/station/measurements';
const STATUS = 'greencity/v1/station/status';
/** What the clock of the test stands at: 2026-11-23T10:00:00Z. */
const NOW_MS = 1_795_428_000_000;
const GOOD = '{"time":"2026-11-23T09:59:00Z","values":{"pm2_5":12.4}}';

let intake: TestIntake;
let client: MqttClient;
let neighbour: MqttClient;

beforeEach(async () => {
  intake = await openIntake();
  await register(intake.eventLog, aDevice());
  await register(intake.eventLog, aDevice({ deviceId: 'neighbour', zoneId: 'park' }));
  client = await intake.connect('station');
  neighbour = await intake.connect('neighbour');
});
afterEach(() => intake.close());

const send = (payload: string | Buffer, topic = MEASUREMENTS) => client.publishAsync(topic, payload, { qos: 1 });
const closed = (session: MqttClient) => new Promise<void>((resolve) => session.once('close', () => resolve()));

async function neighbourIsServed(): Promise<void> {
  await neighbour.publishAsync('greencity/v1/neighbour/measurements', GOOD, { qos: 1 });
  expect((await intake.readings()).at(-1)).toMatchObject({ deviceId: 'neighbour', zoneId: 'park' });
}

describe('a reading', () => {
  it('is in the log, in its zone, by the time it is acknowledged', async () => {
    await send('{"bootId":7,"seq":1234,"time":"2026-11-23T09:59:00Z","values":{"pm2_5":12.4,"humidity":71.0}}');
    const [record] = await intake.eventLog.read('raw.measurements', 0, 0, 10);
    expect(record?.key).toBe('harbour');
    expect(rawReadingFormat.parse(JSON.parse(record?.value ?? ''))).toEqual({
      v: 1,
      deviceId: 'station',
      zoneId: 'harbour',
      timeMs: NOW_MS - 60_000,
      receivedAtMs: NOW_MS,
      timeSource: 'device',
      bootId: 7,
      seq: 1234,
      values: { pm2_5: 12.4, humidity: 71 },
    });
    expect(await intake.letters()).toEqual([]);
  });

  it('is not acknowledged before the disk has confirmed it', async () => {
    const disk = Promise.withResolvers<void>();
    intake.disk.syncs = disk.promise;
    let acknowledged = false;
    const publishing = send(GOOD).then(() => {
      acknowledged = true;
    });
    // A round trip through the broker: an acknowledgement sent too early would have arrived before its answer.
    await client.subscribeAsync('greencity/v1/station/config');
    expect(acknowledged).toBe(false);
    expect(intake.counted('mqtt_in_flight')).toBe(1);
    disk.resolve();
    await publishing;
    expect(await intake.readings()).toHaveLength(1);
  });

  it('without a time gets the moment of receipt, and is marked so', async () => {
    await send('{"values":{"pm10":3}}');
    expect(await intake.readings()).toMatchObject([{ timeMs: NOW_MS, timeSource: 'server' }]);
  });

  it('of a back-fill array is taken like any other, in its order', async () => {
    const times = ['2026-11-23T07:00:00Z', '2026-11-23T08:00:00Z', '2026-11-23T09:00:00Z'];
    await send(JSON.stringify(times.map((time) => ({ time, values: { pm10: 3 } }))));
    const readings = await intake.readings();
    expect(readings.map(({ timeMs }) => new Date(timeMs).toISOString().slice(11, 13))).toEqual(['07', '08', '09']);
  });

  it('goes to the zone that its device is in now', async () => {
    await send(GOOD);
    await register(intake.eventLog, aDevice({ zoneId: 'hill' }));
    await intake.directory.caughtUp();
    await send(GOOD);
    expect((await intake.readings()).map(({ zoneId }) => zoneId)).toEqual(['harbour', 'hill']);
  });

  it('of a device that is not known yet is read from bytes of its own: the broker writes over its message meanwhile', async () => {
    const payload = Buffer.from(GOOD);
    const message = { deviceId: 'stranger', topic: 'greencity/v1/stranger/measurements', payload } as const;
    const rest = { payloadBytes: payload.length, qos: 1, retain: false, lastWill: false } as const;
    const received = intake.ingest.handlers.receive({ ...message, ...rest });
    payload.fill('x');
    await received;
    expect(await intake.letters()).toMatchObject([{ reason: 'UNKNOWN_DEVICE', payload: GOOD }]);
  });
});

const large = JSON.stringify({ values: { pm2_5: 5 }, filler: 'x'.repeat(9_000) });
const at = (time: string) => JSON.stringify({ time, values: { pm2_5: 5 } });
const rubbish: readonly { readonly what: string; readonly reason: string; readonly payload: string | Buffer }[] = [
  { what: 'text that is not JSON', reason: 'MALFORMED_JSON', payload: '{"values":' },
  { what: 'bytes that are not UTF-8', reason: 'MALFORMED_JSON', payload: Buffer.from([0x7b, 0xff, 0x7d]) },
  { what: 'nothing at all', reason: 'MALFORMED_JSON', payload: '' },
  { what: 'JSON that is no reading', reason: 'NOT_A_READING', payload: '"hello"' },
  { what: 'an empty array', reason: 'NOT_A_READING', payload: '[]' },
  { what: 'more readings than allowed', reason: 'TOO_MANY_READINGS', payload: `[${Array(4).fill(GOOD).join()}]` },
  { what: 'a reading without values', reason: 'NO_VALUES', payload: '{"seq":1}' },
  { what: 'an unknown metric', reason: 'UNKNOWN_METRIC', payload: '{"values":{"radon":3}}' },
  { what: 'a bare NaN', reason: 'NOT_A_NUMBER', payload: '{"values":{"pm2_5":NaN}}' },
  { what: 'a value in quotes', reason: 'NOT_A_NUMBER', payload: '{"values":{"pm2_5":"NaN"}}' },
  { what: 'a value that cannot be', reason: 'OUT_OF_RANGE', payload: '{"values":{"temperature":-300}}' },
  { what: 'a time that is none', reason: 'BAD_TIME', payload: at('yesterday') },
  { what: 'a time long past', reason: 'TOO_OLD', payload: at('2026-10-24T09:59:59Z') },
  { what: 'a time to come', reason: 'IN_THE_FUTURE', payload: at('2026-11-23T10:05:01Z') },
  { what: 'a sequence number below zero', reason: 'BAD_SEQUENCE', payload: '{"seq":-1,"values":{"pm2_5":5}}' },
  { what: 'a message too large', reason: 'TOO_LARGE', payload: large },
];

describe('rubbish', () => {
  it.each(rubbish)('such as $what is $reason: kept, counted, acknowledged, and nobody is disturbed', async (each) => {
    await send(each.payload);
    const letters = await intake.letters();
    expect(letters).toHaveLength(1);
    expect(letters.map((letter) => deadLetterFormat.parse(letter))).toMatchObject([
      { deviceId: 'station', topic: MEASUREMENTS, receivedAtMs: NOW_MS, reason: each.reason },
    ]);
    expect(intake.counted('ingest_refused_total', `reason="${each.reason}"`)).toBe(1);
    expect(intake.counted('ingest_refused_total')).toBe(1);
    expect(await intake.readings()).toEqual([]);
    await neighbourIsServed();
    await send(GOOD);
    expect(client.connected).toBe(true);
  });

  it('at the very edge of time is a reading', async () => {
    await send(at('2026-10-24T10:00:00Z'));
    await send(at('2026-11-23T10:05:00Z'));
    expect(await intake.readings()).toHaveLength(2);
  });

  it('is kept as it was sent: as text, as base64 where it is no text, cut at 8 KiB', async () => {
    await send('{"values":');
    await send(Buffer.from([0x7b, 0xff, 0x7d]));
    await send(`{"filler":"${'ä'.repeat(5_000)}"}`);
    const [text, bytes, cut] = await intake.letters();
    expect(text).toMatchObject({ payload: '{"values":', encoding: 'utf8' });
    expect(bytes).toMatchObject({ payload: 'e/99', encoding: 'base64' });
    expect(cut?.encoding).toBe('utf8');
    expect(Buffer.byteLength(cut?.payload ?? '')).toBe(8191);
    expect(cut?.detail).toBe('10013 bytes, 8192 are allowed');
  });

  it('in a message loses only itself', async () => {
    const mixed = `[${GOOD},{"values":{"pm10":"many","radon":1,"argon":2,"humidity":51}},{"values":{}}]`;
    await send(mixed);
    expect((await intake.readings()).map(({ values }) => values)).toEqual([{ pm2_5: 12.4 }, { humidity: 51 }]);
    const letters = await intake.letters();
    expect(letters.map(({ reason, detail }) => [reason, detail])).toEqual([
      ['NOT_A_NUMBER', '[1].values.pm10: "many" is not a number'],
      ['UNKNOWN_METRIC', '[1].values.radon: no such metric; [1].values.argon: no such metric'],
      ['NO_VALUES', '[2].values: empty'],
    ]);
    expect(letters[0]?.payload).toBe('{"values":{"pm10":"many","radon":1,"argon":2,"humidity":51}}');
    expect(intake.counted('ingest_refused_total', 'reason="UNKNOWN_METRIC"')).toBe(2);
  });

  it('makes a handful of dead letters, however many values are wrong', async () => {
    const values = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`m${index}`, 1]));
    await send(JSON.stringify({ values }));
    expect(await intake.letters()).toHaveLength(1);
    expect(intake.counted('ingest_refused_total', 'reason="UNKNOWN_METRIC"')).toBe(500);
  });
});

describe('topics', () => {
  it('of another device are refused, kept, and end the session', async () => {
    const ended = closed(client);
    await send(GOOD, 'greencity/v1/neighbour/measurements');
    await ended;
    expect(await intake.letters()).toMatchObject([
      { reason: 'FOREIGN_TOPIC', deviceId: 'station', topic: 'greencity/v1/neighbour/measurements', payload: GOOD },
    ]);
    expect(await intake.readings()).toEqual([]);
    await neighbourIsServed();
  });

  it('that we do not know are refused and kept; the session goes on', async () => {
    await send('x', 'greencity/v1/station/firmware');
    await send('x', 'greencity/v1/station/config');
    expect((await intake.letters()).map(({ reason }) => reason)).toEqual(['UNKNOWN_TOPIC', 'UNKNOWN_TOPIC']);
    await send(GOOD);
    expect(await intake.readings()).toHaveLength(1);
  });

  it('can be watched below the own id only', async () => {
    await expect(client.subscribeAsync('greencity/v1/neighbour/config')).rejects.toThrow();
    await expect(client.subscribeAsync('greencity/v1/#')).rejects.toThrow();
    await expect(client.subscribeAsync('greencity/v1/+/config')).rejects.toThrow();
    await client.subscribeAsync(['greencity/v1/station/config', 'greencity/v1/station/#']);
  });
});

describe('a status', () => {
  it('is reported with what the device says of itself', async () => {
    await send('{"state":"online","firmware":"1.4.0","bootId":7}', STATUS);
    await send('{"state":"offline","firmware":4,"bootId":-1}', STATUS);
    await send('', STATUS);
    expect(await intake.values('device.status')).toEqual([
      { v: 1, deviceId: 'station', atMs: NOW_MS, state: 'online', firmware: '1.4.0', bootId: 7 },
      { v: 1, deviceId: 'station', atMs: NOW_MS, state: 'offline' },
    ]);
  });

  it('that is none is refused', async () => {
    await send('{"state":"asleep"}', STATUS);
    await send('online', STATUS);
    expect((await intake.letters()).map(({ reason }) => reason)).toEqual(['NOT_A_STATUS', 'MALFORMED_JSON']);
    expect(await intake.values('device.status')).toEqual([]);
  });

  it('is reported by the last will of a device that vanishes', async () => {
    await client.endAsync();
    const will = { topic: STATUS, payload: Buffer.from('{"state":"offline"}'), qos: 1 as const, retain: true };
    const vanishing = await intake.connect('station', { will });
    const told = Promise.withResolvers<void>();
    const consumer = await intake.eventLog.consume({
      topic: 'device.status',
      position: { kind: 'ephemeral', startAt: 'earliest' },
      batchRecordsMax: 10,
      handle: async () => told.resolve(),
    });
    vanishing.stream.destroy();
    await told.promise;
    await consumer.close();
    expect(await intake.values('device.status')).toMatchObject([{ deviceId: 'station', state: 'offline' }]);
  });
});

describe('a full disk', () => {
  it('acknowledges nothing, ends the session, is counted, and passes by itself', async () => {
    intake.disk.full = true;
    const retrying = await intake.connect('station', { reconnectPeriod: 5 });
    const ended = closed(retrying);
    let acknowledged = false;
    const publishing = retrying.publishAsync(MEASUREMENTS, GOOD, { qos: 1 }).then(() => (acknowledged = true));
    await ended;
    expect(acknowledged).toBe(false);
    expect(intake.counted('ingest_not_durable_total', 'code="LOG_FULL"')).toBeGreaterThan(0);
    expect(intake.counted('mqtt_unacknowledged_total')).toBeGreaterThan(0);
    expect(neighbour.connected).toBe(true);
    intake.disk.full = false;
    await publishing;
    expect(await intake.readings()).toMatchObject([{ deviceId: 'station', values: { pm2_5: 12.4 } }]);
  });
});

describe('a dead letter', () => {
  it('is taken when it is sent again and its device has come to be known', async () => {
    const [letter] = await refused('{"values":{"pm10":7}}');
    await register(intake.eventLog, aDevice({ deviceId: 'new' }));
    await intake.directory.caughtUp();
    expect(
      await intake.ingest.redeliver({ ...letter, deviceId: 'new', topic: 'greencity/v1/new/measurements' }),
    ).toEqual({
      kind: 'accepted',
    });
    expect(await intake.readings()).toMatchObject([{ deviceId: 'new', timeMs: letter.receivedAtMs }]);
  });

  it("of another device's topic does not become a reading of its sender", async () => {
    await send(GOOD, 'greencity/v1/neighbour/measurements');
    const [letter] = await intake.letters();
    if (!letter) throw new Error('there is no letter');
    expect(await intake.ingest.redeliver(letter)).toEqual({ kind: 'refused', reason: 'FOREIGN_TOPIC' });
    expect(await intake.readings()).toEqual([]);
  });

  it('that is still rubbish is refused again', async () => {
    const [letter] = await refused('{"values":');
    expect(await intake.ingest.redeliver(letter)).toEqual({ kind: 'refused', reason: 'MALFORMED_JSON' });
  });

  async function refused(payload: string) {
    const letter = { v: 1, deviceId: 'station', topic: MEASUREMENTS, receivedAtMs: NOW_MS - 1_000 } as const;
    return [{ ...letter, reason: 'UNKNOWN_DEVICE', detail: '', payload, encoding: 'utf8' }] as const;
  }
});
