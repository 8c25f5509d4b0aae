import { MINUTE_MS } from '@greencity/air/time';
import { describe, expect, it } from 'vitest';
import { type Anomaly, scoreOf } from './anomaly.ts';
import { firstMemory, observe, type SeriesMemory, watchSilence } from './detector.ts';

interface Step {
  readonly minute: number;
  readonly value: number;
  readonly humidity?: number;
  readonly around?: number;
}

/** Faults in a series, as they stand after its last value. */
function faultsIn(steps: readonly Step[], metric: 'PM2_5' | 'NOISE' | 'BATTERY_PERCENT' = 'PM2_5') {
  const faults = new Map<string, Anomaly>();
  const findings = {
    found: (fault: Anomaly) => faults.set(`${fault.kind} ${fault.fromMs}`, fault),
    withdrawn: (kind: string, fromMs: number) => faults.delete(`${kind} ${fromMs}`),
  };
  let memory: SeriesMemory | undefined;
  for (const { minute, value, humidity, around } of steps) {
    const timeMs = minute * MINUTE_MS;
    if (memory) observe(memory, metric, { timeMs, value, humidity, around: () => around }, findings);
    else memory = firstMemory(timeMs, value);
  }
  const minutes = ({ kind, fromMs, toMs }: Anomaly) => [
    kind,
    fromMs / MINUTE_MS,
    toMs === undefined ? undefined : toMs / MINUTE_MS,
  ];
  return { faults: () => [...faults.values()].map(minutes), memory: memory as SeriesMemory, findings };
}

const calm = (n: number) => 10 + (n % 3) * 0.4;
const tens = (count: number, step: (n: number) => Omit<Step, 'minute'>): readonly Step[] =>
  Array.from({ length: count }, (_, n) => ({ minute: 10 * n, ...step(n) }));

describe('a spike', () => {
  it('is one value far from those before it', () => {
    expect(faultsIn(tens(30, (n) => ({ value: n === 20 ? 60 : calm(n) }))).faults()).toEqual([['SPIKE', 200, 200]]);
  });
  it('is none when the devices around rise with it', () => {
    const rising = (n: number) => (n >= 20 ? 60 : 10);
    const steps = tens(30, (n) => ({ value: rising(n) + calm(n), around: rising(n) + 9 }));
    expect(faultsIn(steps).faults()).toEqual([]);
  });
  it('that stays is a change of level after three values', () => {
    const steps = tens(40, (n) => ({ value: (n >= 20 ? 50 : 0) + calm(n) }));
    expect(faultsIn(steps).faults()).toEqual([['SPIKE', 200, 220]]);
  });
  it('needs a past to be far from, and a metric that is not lively', () => {
    expect(faultsIn(tens(8, (n) => ({ value: n === 7 ? 60 : calm(n) }))).faults()).toEqual([]);
    expect(
      faultsIn(
        tens(30, (n) => ({ value: n === 20 ? 90 : calm(n) })),
        'NOISE',
      ).faults(),
    ).toEqual([]);
  });
});

describe('a stuck sensor', () => {
  const equal = (count: number, minutes: number) => [
    ...Array.from({ length: count }, (_, n) => ({ minute: n * minutes, value: 7 })),
    { minute: count * minutes, value: 8 },
  ];
  it('gives nine equal values over an hour or longer', () => {
    expect(faultsIn(equal(9, 10)).faults()).toEqual([['STUCK', 0, 80]]);
    expect(faultsIn(equal(8, 10)).faults()).toEqual([]);
    expect(faultsIn(equal(20, 3)).faults()).toEqual([]);
    expect(faultsIn(equal(21, 3)).faults()).toEqual([['STUCK', 0, 60]]);
  });
  it('is told while it lasts', () => {
    expect(faultsIn(equal(9, 10).slice(0, 9)).faults()).toEqual([['STUCK', 0, undefined]]);
  });
  it('is no fault of a battery', () => expect(faultsIn(equal(30, 10), 'BATTERY_PERCENT').faults()).toEqual([]));
});

describe('a gap', () => {
  it('is longer than an hour', () => {
    const after = (minutes: number) =>
      faultsIn([...tens(3, (n) => ({ value: calm(n) })), { minute: 20 + minutes, value: 1 }]).faults();
    expect(after(60)).toEqual([]);
    expect(after(61)).toEqual([['GAP', 20, 81]]);
  });
  it('is longer than six times what is usual, for a device that measures seldom', () => {
    const hourly = [0, 60, 120, 180, 240].map((minute) => ({ minute, value: minute }));
    expect(faultsIn([...hourly, { minute: 600, value: 1 }]).faults()).toEqual([]);
    expect(faultsIn([...hourly, { minute: 601, value: 1 }]).faults()).toEqual([['GAP', 240, 601]]);
  });
  it('is told once while it lasts', () => {
    const { memory, findings, faults } = faultsIn([{ minute: 0, value: 1 }]);
    watchSilence(memory, 60 * MINUTE_MS, findings);
    expect(faults()).toEqual([]);
    watchSilence(memory, 61 * MINUTE_MS, findings);
    watchSilence(memory, 90 * MINUTE_MS, findings);
    expect(faults()).toEqual([['GAP', 0, undefined]]);
  });
});

describe('an artefact of humidity', () => {
  const humid = (n: number, humidity: number) => ({
    value: calm(n) + (n >= 20 && n < 30 ? 12 + (n % 5) : 0),
    around: 9,
    humidity,
  });
  it('lies above the devices around for an hour in humid air, and its start is no spike', () => {
    expect(faultsIn(tens(40, (n) => humid(n, 92))).faults()).toEqual([['HUMIDITY_ARTEFACT', 200, 290]]);
  });
  it('is none in dry air', () => {
    expect(faultsIn(tens(40, (n) => humid(n, 60))).faults()).not.toContainEqual(['HUMIDITY_ARTEFACT', 200, 290]);
  });
});

it('sureness is a half at the limit, and rises to 1', () => {
  expect([scoreOf(0, 8), scoreOf(8, 8), scoreOf(24, 8)]).toEqual([0, 0.5, 0.9]);
});
