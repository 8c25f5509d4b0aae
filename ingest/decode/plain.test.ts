import { METRICS, metricDefinition } from '@greencity/air/metric';
import { parseInstantMs } from '@greencity/air/time';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawReadingText, valuesText } from '../raw-reading.ts';
import { decodeNative, type MessageLimits } from './native.ts';
import { plainReading } from './plain.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 10, 0, 0, 250);
const LIMITS: MessageLimits = {
  ...{ receivedAtMs: NOW_MS, ageMsMax: 30 * 86_400_000, aheadMsMax: 300_000 },
  ...{ readingsMax: 3, payloadBytesMax: 8192 },
};
const HEAD = '{"v":1,"deviceId":"station","zoneId":"harbour","timeMs":';

const shortWay = (message: string | Uint8Array) => plainReading(Buffer.from(message), LIMITS);

/** What the long way makes of a message: the record of its only reading, or undefined when it refuses any of it. */
function longWay(message: string | Uint8Array): unknown {
  const payload = Buffer.from(message);
  const { readings, refusals } = decodeNative({ payload, payloadBytes: payload.length }, LIMITS);
  const [reading] = readings;
  if (!reading || readings.length > 1 || refusals.length > 0) return undefined;
  return JSON.parse(rawReadingText(HEAD, { ...reading, valuesText: valuesText(reading.values) }, NOW_MS));
}

/** Both ways must end in the same record wherever the short one takes a message. Returns whether it did. */
function agrees(message: string | Uint8Array): boolean {
  const plain = shortWay(message);
  if (!plain) return false;
  expect(JSON.parse(rawReadingText(HEAD, plain, NOW_MS)), `of ${Buffer.from(message)}`).toStrictEqual(longWay(message));
  return true;
}

const blank = fc.constantFrom('', '', '', ' ', '  ');
const digitsOf = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength });
const decimal = fc.tuple(fc.integer({ min: 0, max: 99 }), digitsOf(3)).map(([whole, part]) => `${whole}.${part}`);
const numberText = fc.oneof(
  { weight: 12, arbitrary: decimal },
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer({ min: -200, max: 2_000 }).map(String),
  fc.tuple(fc.constantFrom('', '-'), digitsOf(4), digitsOf(12)).map(([sign, whole, part]) => `${sign}${whole}.${part}`),
  fc.constantFrom('-0', '0', '-0.0', '1e1', '01', '1.', '.5', '+1', 'NaN', 'null', '"1"', '0.30000000000000004'),
);
const countText = fc.oneof({ weight: 9, arbitrary: fc.nat().map(String) }, numberText);
const metricKey = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...METRICS.map((metric) => metricDefinition(metric).key)) },
  fc.constantFrom('radon', 'pm\\u0031', 'PM1', ''),
);
const zone = fc.constantFrom('Z', 'z', '', '+00:00', '-04:30', 'Z ');
const timeText = fc.oneof(
  fc
    .date({ min: new Date(NOW_MS - 31 * 86_400_000), max: new Date(NOW_MS + 400_000), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc
    .tuple(
      fc.constantFrom('2026-11-23T09:59:59', '2026-11-23T09:59:60', '2026-11-31T00:00:00', '2026-11-01T24:00:00'),
      fc.constantFrom('', '.5', '.', '.123456789', '.1234567891'),
      zone,
    )
    .map((parts) => parts.join('')),
);

/** Messages near the format: fields in any order, some twice, some foreign, with blanks between. */
const nearMessage = fc
  .record({
    fields: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.tuple(fc.constantFrom('bootId', 'seq'), countText) },
        fc.tuple(
          fc.constant('time'),
          fc.oneof(
            timeText.map((text) => `"${text}"`),
            fc.constant('null'),
          ),
        ),
        fc.tuple(fc.constantFrom('firmware', 'Time', ''), fc.json()),
      ),
      { maxLength: 3 },
    ),
    values: fc.array(fc.tuple(metricKey, numberText), { maxLength: 5 }),
    at: fc.nat(4),
    blanks: fc.array(blank, { minLength: 4, maxLength: 4 }),
  })
  .map(({ fields, values, at, blanks: [a, b, c, d] }) => {
    const object = (pairs: readonly (readonly [string, string])[]) =>
      `{${b}${pairs.map(([key, text]) => `"${key}"${a}:${c}${text}`).join(`${d},${b}`)}${a}}`;
    return `${c}${object((fields as readonly (readonly [string, string])[]).toSpliced(at, 0, ['values', object(values)]))}${d}`;
  });

describe('the short way', () => {
  it.each([
    '{"values":{"pm10":3}}',
    '{"bootId":7,"seq":1234,"time":"2026-11-23T09:59:00Z","values":{"pm2_5":12.4,"humidity":71.0}}',
    '{ "values": { "temperature": -3.25, "pressure": 1013 }, "time": "2026-11-23T09:59:00.125Z", "seq": 0 } ',
    '{"time":"2026-11-23T09:59:00.1239Z","values":{"signal_strength":-71,"battery_voltage":3.70}}',
    `{"values":{${METRICS.map((metric) => `"${metricDefinition(metric).key}":1.5`).join()}}}`,
  ])('takes %s', (message) => expect(agrees(message)).toBe(true));

  it.each([
    '',
    '{',
    '{}',
    '[{"values":{"pm10":3}}]',
    '{"values":{}}',
    '{"values":{"pm10":3}',
    '{"values":{"pm10":3}}}',
    '{"values":{"pm10":3},}',
    '{"values":{"pm10":3,}}',
    '{"values":{"pm10":3,"pm10":4}}',
    '{"values":{"pm10":3},"values":{"pm10":4}}',
    '{"values":{"pm10":10001}}',
    '{"values":{"pm10":0.30000000000000004}}',
    '{"values":{"pm10":3},"seq":1.0}',
    '{"values":{"pm10":3},"seq":-1}',
    '{"values":{"pm10":3},"firmware":"1.4"}',
    '{"values":{"pm10":3},"time":"2026-11-23T10:05:01Z"}',
    '{"values":{"pm10":3},"time":"2026-10-01T00:00:00Z"}',
    '{"values":{"pm10":3},"time":"2026-11-31T00:00:00Z"}',
    '{"values":{"pm10":3},"time":"2026-11-23T09:59:00+00:00"}',
  ])('leaves %s to the long one', (message) => expect(shortWay(message)).toBeUndefined());

  it('makes the same record of a message as the long one, whatever it takes', () => {
    let taken = 0;
    fc.assert(
      fc.property(nearMessage, (message) => {
        if (agrees(message)) taken += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  it('makes the same record of a damaged message as the long one, wherever it is damaged', () => {
    const whole = Buffer.from('{"bootId":7,"seq":12,"time":"2026-11-23T09:59:00.5Z","values":{"pm2_5":12.4,"co":7}}');
    const damage = fc.record({
      at: fc.nat(whole.length - 1),
      cut: fc.nat(2),
      put: fc.oneof(fc.uint8Array({ maxLength: 2 }), fc.constantFrom(...'0123456789-.,:"{}eZ ').map(Buffer.from)),
    });
    fc.assert(
      fc.property(damage, ({ at, cut, put }) => {
        agrees(Buffer.concat([whole.subarray(0, at), put, whole.subarray(at + cut)]));
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads a time as the words of time do', () => {
    const anyTime = { ...LIMITS, ageMsMax: Number.POSITIVE_INFINITY, aheadMsMax: Number.POSITIVE_INFINITY };
    const year = fc.integer({ min: 1970, max: 2400 });
    const part = fc.integer({ min: 0, max: 62 });
    const two = (value: number) => String(value).padStart(2, '0');
    fc.assert(
      fc.property(year, fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 32 }), part, (y, month, day, p) => {
        const text = `${y}-${two(month)}-${two(day)}T${two(p % 25)}:${two(p)}:${two(p)}Z`;
        const plain = plainReading(Buffer.from(`{"time":"${text}","values":{"co":1}}`), anyTime);
        // A leap second is left to the long way.
        expect(plain?.timeMs).toBe(p === 60 ? undefined : parseInstantMs(text));
      }),
      { numRuns: 5_000 },
    );
  });
});
