import { describe, expect, it } from 'vitest';
import { readReading } from './reading.ts';

const NOW_MS = Date.parse('2026-11-23T10:00:00Z');
const DAY_MS = 86_400_000;
const LIMITS = { receivedAtMs: NOW_MS, ageMsMax: 30 * DAY_MS, aheadMsMax: 300_000 };
const at = (ms: number) => new Date(ms).toISOString();
const reasons = (json: unknown) => readReading(json, LIMITS).refusals.map(({ reason }) => reason);

describe('a reading', () => {
  it('is taken whole when nothing is wrong with it', () => {
    const json = {
      bootId: 7,
      seq: 1234,
      time: '2026-11-23T09:59:00Z',
      values: { pm2_5: 12.4, humidity: 71 },
      rssi: -70,
    };
    expect(readReading(json, LIMITS)).toEqual({
      reading: {
        timeMs: NOW_MS - 60_000,
        timeSource: 'device',
        bootId: 7,
        seq: 1234,
        values: { pm2_5: 12.4, humidity: 71 },
      },
      refusals: [],
    });
  });

  it('without a time gets the moment of receipt, and says so', () => {
    expect(readReading({ values: { co2: 431 } }, LIMITS).reading).toMatchObject({
      timeMs: NOW_MS,
      timeSource: 'server',
    });
  });

  it('loses only the values that are bad', () => {
    const outcome = readReading(
      { values: { pm2_5: 12.4, radon: 3, pm10: 'x', temperature: -300, humidity: 50 } },
      LIMITS,
    );
    expect(outcome.reading?.values).toEqual({ pm2_5: 12.4, humidity: 50 });
    expect(outcome.refusals.map(({ reason, detail }) => [reason, detail.split(':')[0]])).toEqual([
      ['UNKNOWN_METRIC', 'values.radon'],
      ['NOT_A_NUMBER', 'values.pm10'],
      ['OUT_OF_RANGE', 'values.temperature'],
    ]);
  });

  it.each([
    ['a string', 'NOT_A_READING', 'hello'],
    ['null', 'NOT_A_READING', null],
    ['an array', 'NOT_A_READING', [1]],
    ['no values', 'NO_VALUES', { seq: 1 }],
    ['a list of values', 'NO_VALUES', { values: [1] }],
    ['empty values', 'NO_VALUES', { values: {} }],
    ['only a bad value', 'NOT_A_NUMBER', { values: { pm2_5: null } }],
    ['a boolean', 'NOT_A_NUMBER', { values: { pm2_5: true } }],
    ['a metric named like a method', 'UNKNOWN_METRIC', { values: { constructor: 1 } }],
    ['a time that is a number', 'BAD_TIME', { time: 5, values: { pm2_5: 1 } }],
    ['a time that is no time', 'BAD_TIME', { time: '2026-02-30T00:00:00Z', values: { pm2_5: 1 } }],
    ['a sequence below 0', 'BAD_SEQUENCE', { seq: -1, values: { pm2_5: 1 } }],
    ['a boot id with a fraction', 'BAD_SEQUENCE', { bootId: 1.5, values: { pm2_5: 1 } }],
  ])('that is %s is refused as %s', (_, reason, json) => expect(reasons(json)).toEqual([reason]));

  it.each([
    [NOW_MS - 30 * DAY_MS, []],
    [NOW_MS - 30 * DAY_MS - 1, ['TOO_OLD']],
    [NOW_MS + 300_000, []],
    [NOW_MS + 300_001, ['IN_THE_FUTURE']],
  ])('at %d is judged by its age at the very edge', (timeMs, expected) => {
    expect(reasons({ time: at(timeMs), values: { pm2_5: 1 } })).toEqual(expected);
  });

  it.each([
    ['temperature', -100, 150],
    ['pm2_5', 0, 10_000],
    ['humidity', 0, 110],
  ])('may hold a %s of %d and of %d and nothing beyond', (key, low, high) => {
    expect(reasons({ values: { [key]: low } })).toEqual([]);
    expect(reasons({ values: { [key]: high } })).toEqual([]);
    expect(reasons({ values: { [key]: low - 0.1 } })).toEqual(['OUT_OF_RANGE']);
    expect(reasons({ values: { [key]: high + 0.1 } })).toEqual(['OUT_OF_RANGE']);
  });
});
