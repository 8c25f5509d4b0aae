import { FLAG_BIT } from '@greencity/air/quality';
import { DAY_MS, MINUTE_MS } from '@greencity/air/time';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type City, NOON_MS, openCity } from './fixtures/city.ts';
import { iso } from './fixtures/operations.ts';

let city: City;
beforeEach(async () => {
  city = await openCity();
});
afterEach(async () => {
  await city[Symbol.asyncDispose]();
});

describe('values that an operator adds', () => {
  const ADD =
    'mutation ($input: [MeasurementInput!]!) { addMeasurements(input: $input) { accepted rejected { index reason } } }';
  const time = iso(NOON_MS);

  beforeEach(async () => {
    await city.place({ deviceId: 'd1', zoneId: 'harbour' }, { deviceId: 'old', retired: true });
  });

  it('are taken, or refused by their index', async () => {
    const input = [
      { deviceId: 'd1', metric: 'PM2_5', value: 12.4, time },
      { deviceId: 'nobody', metric: 'PM2_5', value: 1, time },
      { deviceId: 'old', metric: 'PM2_5', value: 1, time },
      { deviceId: 'd1', metric: 'HUMIDITY', value: 111, time },
      { deviceId: 'd1', metric: 'PM10', value: 1, time: iso(NOON_MS - 31 * DAY_MS) },
      { deviceId: 'd1', metric: 'PM10', value: 1, time: iso(NOON_MS + 6 * MINUTE_MS) },
      { deviceId: 'd1', metric: 'PM10', value: 20.1, time },
      { deviceId: 'd1', metric: 'CO2', value: 431 },
    ];
    const { accepted, rejected } = (await city.ask(ADD, { input }, 'OPERATOR')).addMeasurements;
    expect(accepted).toBe(3);
    expect(
      rejected.map(({ index, reason }: { index: number; reason: string }) => [index, reason.split(':')[0]]),
    ).toEqual([
      [1, 'UNKNOWN_DEVICE'],
      [2, 'RETIRED_DEVICE'],
      [3, 'OUT_OF_RANGE'],
      [4, 'TOO_OLD'],
      [5, 'IN_THE_FUTURE'],
    ]);
    await city.subgraph.caughtUp();
    expect(await city.processed()).toMatchObject([
      { zoneId: 'harbour', timeMs: NOON_MS, values: { pm2_5: 12.4, pm10: 20.1 } },
      { timeMs: NOON_MS, values: { co2: 431 }, flags: { co2: FLAG_BIT.SERVER_TIME } },
    ]);
  });

  it('count when they were there already, and have no further effect', async () => {
    const input = [{ deviceId: 'd1', metric: 'PM2_5', value: 12.4, time }];
    for (let copy = 0; copy < 2; copy += 1) {
      expect((await city.ask(ADD, { input }, 'OPERATOR')).addMeasurements.accepted).toBe(1);
      await city.subgraph.caughtUp();
    }
    expect(await city.processed()).toHaveLength(1);
  });

  it('of one metric and time twice in a call become one value and one dead letter', async () => {
    const input = [1, 2].map((value) => ({ deviceId: 'd1', metric: 'PM2_5', value, time }));
    await city.ask(ADD, { input }, 'OPERATOR');
    await city.subgraph.caughtUp();
    expect((await city.processed()).map(({ values }) => values)).toEqual([{ pm2_5: 1 }]);
    expect(await city.records('raw.measurements.dlq')).toHaveLength(1);
  });

  it('are at most a thousand a call, and none without the role', async () => {
    const input = Array.from({ length: 1_001 }, () => ({ deviceId: 'd1', metric: 'PM2_5', value: 1, time }));
    expect(await city.refusals(ADD, { input }, 'OPERATOR')).toEqual(['BAD_USER_INPUT']);
    expect(await city.refusals(ADD, { input: [] })).toEqual(['UNAUTHENTICATED']);
    expect(await city.refusals(ADD, { input: [] }, 'PARTNER')).toEqual(['FORBIDDEN']);
    expect(await city.records('raw.measurements')).toEqual([]);
  });
});

describe('dead letters', () => {
  const LETTERS =
    'query ($first: Int! = 50, $reason: String) { deadLetters(first: $first, reason: $reason) { offset receivedAt deviceId reason detail payload } }';
  const REPLAY =
    'mutation ($offsets: [ID!]!) { replayDeadLetters(offsets: $offsets) { replayed refused { offset reason } } }';

  async function file(count: number): Promise<void> {
    const letters = Array.from({ length: count }, (_, place) => ({
      key: 'd1',
      value: JSON.stringify({
        v: 1,
        deviceId: 'd1',
        receivedAtMs: NOON_MS + place,
        reason: place % 1_500 === 1 ? 'TOO_OLD' : 'MALFORMED_JSON',
        detail: 'd',
        payload: `letter ${place}`,
        encoding: 'utf8',
      }),
    }));
    await city.eventLog.append('raw.measurements.dlq', letters);
  }
  const payloads = async (variables: Record<string, unknown>) =>
    (await city.ask(LETTERS, variables, 'OPERATOR')).deadLetters.map(({ payload }: { payload: string }) => payload);

  it('are listed newest first', async () => {
    await file(2_500);
    expect(await payloads({ first: 2 })).toEqual(['letter 2499', 'letter 2498']);
    expect(await payloads({ first: 1_000 })).toHaveLength(1_000);
    expect((await payloads({ first: 1_000 })).at(-1)).toBe('letter 1500');
    const [letter] = (await city.ask(LETTERS, { first: 1 }, 'OPERATOR')).deadLetters;
    expect(letter).toEqual({
      offset: '2499',
      receivedAt: iso(NOON_MS + 2_499),
      deviceId: 'd1',
      reason: 'MALFORMED_JSON',
      detail: 'd',
      payload: 'letter 2499',
    });
  });

  it('can be searched by their reason, however far back', async () => {
    await file(2_500);
    expect(await payloads({ reason: 'TOO_OLD' })).toEqual(['letter 1501', 'letter 1']);
    expect(await payloads({ reason: 'CONFLICT' })).toEqual([]);
  });

  it('are listed once where retention has taken the older ones', async () => {
    await file(2_500);
    const read: typeof city.eventLog.read = (topic, partition, from, recordsMax) =>
      city.eventLog.read(topic, partition, Math.max(from, 1_400), recordsMax);
    await city.restart({ eventLog: { ...city.eventLog, read } });
    expect(await payloads({ reason: 'TOO_OLD' })).toEqual(['letter 1501']);
  });

  it('of an empty log are none, and more than a thousand are refused', async () => {
    expect(await payloads({})).toEqual([]);
    expect(await city.refusals(LETTERS, { first: 1_001 }, 'OPERATOR')).toEqual(['BAD_USER_INPUT']);
    expect(await city.refusals(LETTERS, { first: -1 }, 'OPERATOR')).toEqual(['BAD_USER_INPUT']);
  });

  it('and their replay need the role OPERATOR', async () => {
    expect(await city.refusals(LETTERS)).toEqual(['UNAUTHENTICATED']);
    expect(await city.refusals(LETTERS, {}, 'PARTNER')).toEqual(['FORBIDDEN']);
    expect(await city.refusals(REPLAY, { offsets: [] }, 'RESEARCHER')).toEqual(['FORBIDDEN']);
  });

  it('are sent through validation again, one by one, and those that are refused again say why', async () => {
    const sent: string[] = [];
    await city.restart({
      async redeliver({ payload }) {
        sent.push(payload);
        return payload === 'letter 1' ? { kind: 'refused', reason: 'TOO_OLD' } : { kind: 'accepted' };
      },
    });
    await file(3);
    await city.eventLog.append('raw.measurements.dlq', [{ key: 'x', value: 'rubbish' }]);
    const answer = await city.ask(REPLAY, { offsets: ['0', '1', '2', '3', '4', 'x', '-1'] }, 'OPERATOR');
    expect(sent).toEqual(['letter 0', 'letter 1', 'letter 2']);
    expect(answer.replayDeadLetters.replayed).toBe(2);
    expect(
      answer.replayDeadLetters.refused.map(({ offset, reason }: Record<string, string>) => [
        offset,
        reason?.split(':')[0],
      ]),
    ).toEqual([
      ['1', 'TOO_OLD'],
      ['3', 'UNREADABLE_RECORD'],
      ['4', 'NOT_FOUND'],
      ['x', 'NOT_FOUND'],
      ['-1', 'NOT_FOUND'],
    ]);
  });
});
