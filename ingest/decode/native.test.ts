import { readFileSync } from 'node:fs';
import { METRICS, metricDefinition } from '@greencity/air/metric';
import type { AcceptedReading } from '@greencity/air/reading';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNative, type MessageLimits } from './native.ts';

interface Golden {
  readonly receivedAtMs: number;
  readonly messages: readonly {
    readonly name: string;
    readonly message: string;
    readonly readings: readonly AcceptedReading[];
    readonly refusals: readonly string[];
  }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../schema/golden/native-messages.json', import.meta.url), 'utf8'),
);
const LIMITS: MessageLimits = {
  ...{ receivedAtMs: golden.receivedAtMs, ageMsMax: 30 * 86_400_000, aheadMsMax: 300_000 },
  ...{ readingsMax: 3, payloadBytesMax: 8192 },
};

function decode(message: string | Uint8Array) {
  const payload = Buffer.from(message);
  return decodeNative({ payload, payloadBytes: payload.length }, LIMITS);
}

describe('a native message', () => {
  it.each(golden.messages)('$name', ({ message, readings, refusals }) => {
    const decoded = decode(message);
    expect(decoded.readings).toEqual(readings);
    expect(decoded.refusals.map(({ reason }) => reason)).toEqual(refusals);
  });

  it('that is longer than the limit is not read at all', () => {
    const payload = Buffer.from('{"values":{"pm10":1}}');
    const [refusal] = decodeNative({ payload, payloadBytes: 8193 }, LIMITS).refusals;
    expect(refusal).toMatchObject({ reason: 'TOO_LARGE', detail: '8193 bytes, 8192 are allowed' });
  });

  it('nested as deep as a message allows is refused, not a crash', () => {
    expect(decode('['.repeat(8_000)).refusals[0]?.reason).toBe('MALFORMED_JSON');
    const deep = '['.repeat(4_000) + ']'.repeat(4_000);
    const detail = 'more than 32 levels deep';
    expect(decode(deep).refusals).toEqual([
      { reason: 'NOT_A_READING', detail, count: 1, payload: deep, encoding: 'utf8' },
    ]);
  });

  it('may be as deep as is allowed in what is not ours, and no deeper', () => {
    const nested = (levels: number) => `{"values":{"pm10":1},"more":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(decode(nested(31)).readings).toHaveLength(1);
    expect(decode(nested(32)).refusals[0]?.reason).toBe('NOT_A_READING');
  });

  it('never throws, and never loses bytes without a reason', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const { readings, refusals } = decode(bytes);
          expect(readings.length + refusals.length).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('gives back exactly what a device measured, whatever its metrics and values', () => {
    const metric = fc.constantFrom(...METRICS.map(metricDefinition));
    const value = metric.chain(({ key, possible: [min, max] }) =>
      fc.tuple(fc.constant(key), fc.double({ min, max, noNaN: true })),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 16 }), (pairs) => {
        const values = Object.fromEntries(pairs.map(([key, number]) => [key, number + 0]));
        const { readings, refusals } = decode(JSON.stringify({ values }));
        expect(refusals).toEqual([]);
        expect(readings[0]?.values).toEqual(JSON.parse(JSON.stringify(values)));
      }),
    );
  });
});
