import { FLAG_BIT } from '@greencity/air/quality';
import { describe, expect, it } from 'vitest';
import { acknowledged, resolvedByHand } from './alert.ts';
import { type AlertEngine, createAlertEngine, type KnownDevice } from './alert-engine.ts';
import type { Changes } from './changes.ts';
import { aDevice, aReading, aRule, MINUTE_MS, START_MS } from './fixtures/builders.ts';
import type { Rule } from './rule.ts';

const at = (minute: number) => START_MS + minute * MINUTE_MS;

function anEngine(rules: readonly Rule[] = [aRule()], devices: Record<string, KnownDevice> = { d1: aDevice() }) {
  const known = new Map(Object.entries(devices));
  const engine = createAlertEngine((id) => known.get(id));
  for (const rule of rules) engine.setRule(rule, START_MS);
  return { engine, known };
}

/** PM2.5 of d1, one value a minute from the start on. */
function feed(engine: AlertEngine, ...values: readonly number[]): void {
  values.forEach((value, minute) => {
    engine.read(aReading(minute, value));
  });
}

const told = (changes: Changes) =>
  changes.told.map(({ state, value, changedAtMs }) => ({ state, value, minute: (changedAtMs - START_MS) / MINUTE_MS }));
const states = (engine: AlertEngine) => told(engine.takeChanges()).map(({ state }) => state);

describe('a rule without duration', () => {
  it('fires at the first value past the threshold and ends at the clear threshold', () => {
    const { engine } = anEngine();
    feed(engine, 49, 63.2, 55, 45, 40.1, 40, 30);
    const changes = engine.takeChanges();
    expect(told(changes)).toEqual([
      { state: 'FIRING', value: 63.2, minute: 1 },
      { state: 'RESOLVED', value: 40, minute: 5 },
    ]);
    expect(changes.told[0]).toMatchObject({
      title: 'PM2.5 high: 63.2 µg/m³ at Rue de Rome 14',
      ruleId: 'r1',
      deviceId: 'd1',
      zoneId: 'z1',
      metric: 'PM2_5',
      threshold: 50,
      startedAtMs: at(1),
    });
    expect(changes.alerts).toHaveLength(1);
    expect(changes.alerts[0]).toMatchObject({ state: 'RESOLVED', resolvedAtMs: at(5), held: false });
  });

  it('shows the newest value while it fires, and does not flap between the thresholds', () => {
    const { engine } = anEngine();
    feed(engine, 63, 49, 51, 48);
    const { alerts, told: all } = engine.takeChanges();
    expect(all).toHaveLength(1);
    expect(alerts[0]).toMatchObject({ state: 'FIRING', value: 48 });
  });

  it('begins another alert after the end of one', () => {
    const { engine } = anEngine();
    feed(engine, 60, 30, 60);
    const { alerts } = engine.takeChanges();
    expect(alerts.map(({ state }) => state)).toEqual(['RESOLVED', 'FIRING']);
    expect(alerts[0]?.id).not.toBe(alerts[1]?.id);
  });

  it('fires below a threshold as well', () => {
    const rule = aRule({
      metric: 'BATTERY_VOLTAGE',
      comparison: 'BELOW',
      threshold: 3.3,
      clearThreshold: 3.6,
      name: 'Battery low',
    });
    const { engine } = anEngine([rule]);
    [3.4, 3.25, 3.5, 3.6].forEach((battery_voltage, minute) => {
      engine.read(aReading(minute, 0, { values: { battery_voltage } }));
    });
    const changes = engine.takeChanges();
    expect(told(changes)).toEqual([
      { state: 'FIRING', value: 3.25, minute: 1 },
      { state: 'RESOLVED', value: 3.6, minute: 3 },
    ]);
    expect(changes.told[0]?.title).toBe('Battery low: 3.25 V at Rue de Rome 14');
  });
});

describe('a rule with a duration', () => {
  const rule = aRule({ forMs: 5 * MINUTE_MS });

  it('fires when the value has stayed past the threshold for as long, by measurement time', () => {
    const { engine } = anEngine([rule]);
    feed(engine, 60, 61, 62, 63, 64);
    expect(engine.takeChanges()).toMatchObject({
      told: [],
      alerts: [{ state: 'PENDING', value: 64, startedAtMs: at(0) }],
    });
    engine.read(aReading(5, 65));
    expect(engine.takeChanges().told).toMatchObject([
      { state: 'FIRING', value: 65, startedAtMs: at(0), changedAtMs: at(5), title: expect.stringContaining('65 µg') },
    ]);
  });

  it('forgets what did not last, also by a value between the thresholds', () => {
    const { engine } = anEngine([rule]);
    feed(engine, 60, 61);
    const [pending] = engine.takeChanges().alerts;
    engine.read(aReading(2, 50));
    expect(engine.takeChanges()).toMatchObject({ told: [], alerts: [], forgotten: [pending?.id] });
    engine.read(aReading(3, 60));
    engine.read(aReading(7, 60));
    expect(engine.takeChanges()).toMatchObject({ told: [], alerts: [{ state: 'PENDING', startedAtMs: at(3) }] });
  });

  it('begins anew after a silence of more than an hour, but not after one of an hour', () => {
    const { engine } = anEngine([rule]);
    engine.read(aReading(0, 60));
    engine.read(aReading(61, 60));
    expect(engine.takeChanges()).toMatchObject({ told: [], alerts: [{ state: 'PENDING', startedAtMs: at(61) }] });
    engine.read(aReading(121, 60));
    expect(states(engine)).toEqual(['FIRING']);
  });
});

describe('readings that have no effect', () => {
  it.each(['OUT_OF_RANGE', 'STUCK', 'HUMID'] as const)('are those flagged %s: they neither raise nor end', (flag) => {
    const { engine } = anEngine();
    engine.read(aReading(0, 900, { flags: { pm2_5: FLAG_BIT[flag] } }));
    expect(engine.takeChanges().alerts).toEqual([]);
    engine.read(aReading(1, 60));
    engine.read(aReading(2, 0, { flags: { pm2_5: FLAG_BIT[flag] } }));
    expect(states(engine)).toEqual(['FIRING']);
  });

  it('are not those flagged SPIKE or LATE, nor those of which another value is BAD', () => {
    const { engine } = anEngine();
    engine.read(aReading(0, 60, { flags: { pm2_5: FLAG_BIT.SPIKE | FLAG_BIT.LATE, pm10: FLAG_BIT.STUCK } }));
    expect(states(engine)).toEqual(['FIRING']);
  });

  it('are those that are not newer: the same readings again change nothing', () => {
    const { engine } = anEngine();
    feed(engine, 60, 30, 60);
    const first = engine.takeChanges();
    feed(engine, 60, 30, 60);
    expect(engine.takeChanges()).toEqual({ alerts: [], forgotten: [], told: [], progress: [] });
    engine.read(aReading(2.5, 61));
    engine.read(aReading(2, 10));
    expect(engine.takeChanges().alerts).toMatchObject([{ id: first.alerts[1]?.id, value: 61, state: 'FIRING' }]);
  });

  it('are judged by metric: an older value of another metric is new', () => {
    const { engine } = anEngine([aRule(), aRule({ id: 'r2', metric: 'NOISE', threshold: 80, clearThreshold: 70 })]);
    engine.read(aReading(5, 60));
    engine.read(aReading(3, 0, { values: { noise: 90 } }));
    expect(states(engine)).toEqual(['FIRING', 'FIRING']);
  });

  it('are those of other metrics, other devices and other zones than the rule names', () => {
    const rules = [aRule({ deviceId: 'd2' }), aRule({ id: 'r2', zoneId: 'z2' }), aRule({ id: 'r3', metric: 'PM10' })];
    const { engine } = anEngine(rules, { d1: aDevice(), d2: aDevice(), d3: aDevice({ zoneId: 'z2' }) });
    feed(engine, 99);
    expect(engine.takeChanges().alerts).toEqual([]);
    engine.read(aReading(0, 99, { deviceId: 'd2' }));
    engine.read(aReading(0, 99, { deviceId: 'd3' }));
    expect(engine.takeChanges().told.map(({ ruleId, deviceId }) => [ruleId, deviceId])).toEqual([
      ['r1', 'd2'],
      ['r2', 'd3'],
    ]);
  });
});

it('follows each rule and each device by itself', () => {
  const rules = [aRule(), aRule({ id: 'r2', threshold: 100, clearThreshold: 100, severity: 'CRITICAL' })];
  const { engine } = anEngine(rules, { d1: aDevice(), d2: aDevice({ name: 'Pier 1' }) });
  feed(engine, 60, 120);
  engine.read(aReading(1, 60, { deviceId: 'd2' }));
  engine.read(aReading(2, 45));
  const { told: all } = engine.takeChanges();
  expect(all.map(({ ruleId, deviceId, state, severity }) => `${ruleId} ${deviceId} ${state} ${severity}`)).toEqual([
    'r1 d1 FIRING WARNING',
    'r2 d1 FIRING CRITICAL',
    'r1 d2 FIRING WARNING',
    'r2 d1 RESOLVED CRITICAL',
  ]);
});

describe('an alert that is ended by hand', () => {
  function ended() {
    const { engine } = anEngine();
    feed(engine, 60);
    const [alert] = engine.takeChanges().alerts;
    const outcome = alert && resolvedByHand(alert, at(0.5));
    if (outcome?.kind !== 'changed') throw new Error('the alert fires');
    engine.adopt(outcome.alert);
    return engine;
  }

  it('fires anew only after the value was on the right side', () => {
    const engine = ended();
    [70, 45, 60].forEach((value, index) => {
      engine.read(aReading(1 + index, value));
    });
    expect(states(engine)).toEqual([]);
    engine.read(aReading(5, 40));
    expect(states(engine)).toEqual([]);
    engine.read(aReading(6, 51));
    expect(states(engine)).toEqual(['FIRING']);
  });
});

describe('taking an alert in hand', () => {
  const { engine } = anEngine([aRule({ forMs: 60_000 })]);
  feed(engine, 60);
  const [pending] = engine.takeChanges().alerts;
  engine.read(aReading(1, 60));
  const [firing] = engine.takeChanges().alerts;
  if (!pending || !firing) throw new Error('there is an alert');

  it('is refused before it fires and after it ended', () => {
    expect(acknowledged(pending, null, at(2)).kind).toBe('refused');
    expect(resolvedByHand(pending, at(2)).kind).toBe('refused');
    const end = resolvedByHand(firing, at(2));
    if (end.kind !== 'changed') throw new Error('it fires');
    expect(acknowledged(end.alert, null, at(3)).kind).toBe('refused');
    expect(resolvedByHand(end.alert, at(3))).toEqual({ kind: 'same', alert: end.alert });
  });

  it('keeps who said what; again it may only change the comment', () => {
    const once = acknowledged(firing, 'on it', at(2));
    expect(once).toMatchObject({
      kind: 'changed',
      alert: { state: 'ACKNOWLEDGED', comment: 'on it', acknowledgedAtMs: at(2) },
    });
    if (once.kind !== 'changed') return;
    expect(acknowledged(once.alert, null, at(3))).toEqual({ kind: 'same', alert: once.alert });
    expect(acknowledged(once.alert, 'done soon', at(3))).toMatchObject({
      kind: 'same',
      alert: { comment: 'done soon', acknowledgedAtMs: at(2) },
    });
  });

  it('does not keep it from ending by itself', () => {
    const once = acknowledged(firing, null, at(2));
    if (once.kind !== 'changed') throw new Error('it fires');
    engine.adopt(once.alert);
    engine.read(aReading(3, 20));
    expect(engine.takeChanges().told).toMatchObject([
      { state: 'RESOLVED', acknowledgedAtMs: at(2), resolvedAtMs: at(3) },
    ]);
  });
});

describe('when a rule changes', () => {
  it('ends its alerts when it is removed or switched off, and forgets pending and held ones', () => {
    const rules = [aRule(), aRule({ id: 'r2' }), aRule({ id: 'r3', forMs: 600_000 })];
    const { engine } = anEngine(rules);
    feed(engine, 60);
    engine.takeChanges();
    engine.removeRule('r1', at(9));
    engine.setRule(aRule({ id: 'r2', enabled: false }), at(9));
    engine.removeRule('r3', at(9));
    const changes = engine.takeChanges();
    expect(changes.told).toMatchObject([
      { ruleId: 'r1', state: 'RESOLVED', value: 60, resolvedAtMs: at(9) },
      { ruleId: 'r2', state: 'RESOLVED', value: 60, resolvedAtMs: at(9) },
    ]);
    expect(changes.forgotten).toHaveLength(1);
    feed(engine, 60, 70);
    expect(states(engine)).toEqual([]);
    expect(engine.openCount()).toBe(0);
  });

  it('judges the next value by the new threshold, and keeps the one the alert began with', () => {
    const { engine } = anEngine();
    feed(engine, 60);
    engine.setRule(aRule({ threshold: 100, clearThreshold: 80 }), at(0.5));
    engine.read(aReading(1, 79));
    expect(engine.takeChanges().alerts).toMatchObject([{ state: 'RESOLVED', threshold: 50 }]);
  });

  it('lets a pending alert begin anew when it judges otherwise, not when it is renamed', () => {
    const rule = aRule({ forMs: 2 * MINUTE_MS });
    const { engine } = anEngine([rule]);
    feed(engine, 60, 60);
    engine.setRule({ ...rule, name: 'Dust' }, at(1));
    engine.read(aReading(2, 60));
    expect(engine.takeChanges().told).toMatchObject([{ state: 'FIRING', title: 'Dust: 60 µg/m³ at Rue de Rome 14' }]);
    const other = anEngine([rule]).engine;
    feed(other, 60, 60);
    other.setRule({ ...rule, threshold: 55 }, at(1));
    other.read(aReading(2, 60));
    expect(other.takeChanges()).toMatchObject({ told: [], alerts: [{ state: 'PENDING', startedAtMs: at(2) }] });
  });

  it('comes into force for devices that were followed before', () => {
    const { engine } = anEngine([]);
    feed(engine, 60);
    engine.setRule(aRule(), at(0.5));
    engine.read(aReading(1, 60));
    expect(states(engine)).toEqual(['FIRING']);
  });
});

describe('when a device changes', () => {
  it('ends alerts of the zone it left, keeps those that still watch it, and is judged by its new zone', () => {
    const rules = [aRule({ id: 'zone', zoneId: 'z1' }), aRule({ id: 'city' }), aRule({ id: 'new', zoneId: 'z2' })];
    const { engine, known } = anEngine(rules);
    feed(engine, 60);
    expect(states(engine)).toEqual(['FIRING', 'FIRING']);
    known.set('d1', aDevice({ zoneId: 'z2' }));
    engine.deviceChanged('d1', at(0.5));
    expect(engine.takeChanges().told).toMatchObject([{ ruleId: 'zone', state: 'RESOLVED' }]);
    // The reading was placed in its zone before the device moved.
    engine.read(aReading(1, 60, { zoneId: 'z1' }));
    expect(engine.takeChanges().told).toMatchObject([{ ruleId: 'new', state: 'FIRING', zoneId: 'z2' }]);
  });

  it('ends all of its alerts when it is retired, and is not judged any more', () => {
    const { engine, known } = anEngine();
    feed(engine, 60);
    known.set('d1', aDevice({ retired: true }));
    engine.deviceChanged('d1', at(1));
    engine.read(aReading(2, 90));
    expect(states(engine)).toEqual(['FIRING', 'RESOLVED']);
  });

  it('judges a device that is not known yet by the zone its reading carries, and names it by its id', () => {
    const { engine, known } = anEngine([aRule({ zoneId: 'z1' })], {});
    feed(engine, 60);
    expect(engine.takeChanges().told).toMatchObject([{ title: expect.stringContaining('at d1'), zoneId: 'z1' }]);
    known.set('d1', aDevice({ zoneId: 'z2' }));
    engine.read(aReading(1, 30));
    engine.read(aReading(2, 60));
    expect(states(engine)).toEqual([]);
  });
});

describe('after a restart', () => {
  it('goes on as if nothing had happened, from any moment on', () => {
    const rules = [aRule(), aRule({ id: 'slow', forMs: 3 * MINUTE_MS })];
    const values = [10, 60, 61, 62, 63, 30, 60, 61, 62, 63, 64, 39];
    const whole = anEngine(rules).engine;
    feed(whole, ...values);
    const expected = told(whole.takeChanges());
    for (let stop = 0; stop <= values.length; stop += 1) {
      const before = anEngine(rules).engine;
      feed(before, ...values.slice(0, stop));
      const stored = before.takeChanges();
      const after = anEngine(rules).engine;
      for (const progress of stored.progress) after.adoptProgress(progress);
      for (const alert of stored.alerts.filter(({ state }) => state !== 'RESOLVED')) after.adopt(alert);
      // At least once: everything is read again.
      feed(after, ...values);
      expect([...told(stored), ...told(after.takeChanges())]).toEqual(expected);
    }
  });

  it('lists progress only of devices that moved on', () => {
    const { engine } = anEngine();
    engine.read(aReading(0, 10));
    expect(engine.takeChanges().progress).toEqual([{ deviceId: 'd1', newestMs: { pm2_5: at(0) } }]);
    engine.read(aReading(0, 10));
    expect(engine.takeChanges().progress).toEqual([]);
  });
});
