import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstMemory } from '../domain/detector.ts';
import type { Changes, PredictionsStore } from './port.ts';

const HOUR_MS = 3_600_000;
const NOTHING: Changes = { positions: [], hours: [], latest: [], memories: [], withdrawn: [], found: [] };
const changes = (some: Partial<Changes>): Changes => ({ ...NOTHING, ...some });
const A = { deviceId: 'a', metric: 'PM2_5' } as const;
const B = { deviceId: 'b', metric: 'PM2_5' } as const;

/** Where a suite finds its store: opened again, it is the store after a restart. */
export interface StoreSource {
  readonly open: () => Promise<PredictionsStore>;
  readonly clear: () => Promise<void>;
}

/** Registers the tests that every predictions store passes. */
export function predictionsStoreContract(name: string, start: () => StoreSource): void {
  describe(`the predictions store on ${name}`, () => {
    let source: StoreSource;
    let store: PredictionsStore;
    beforeEach(async () => {
      source = start();
      store = await source.open();
    });
    afterEach(async () => {
      await store.close();
      await source.clear();
    });
    const hours = (deviceIds: readonly string[], fromMs = 0, toMs = 10 * HOUR_MS) =>
      store.hourlyMeans({ deviceIds, metric: 'PM2_5', fromMs, toMs });

    it('adds up what falls into an hour, in any order', async () => {
      await store.apply(changes({ hours: [{ ...A, hourMs: HOUR_MS, sum: 30, count: 2 }] }));
      await store.apply(
        changes({
          hours: [
            { ...A, hourMs: HOUR_MS, sum: 3, count: 1 },
            { ...A, hourMs: 0, sum: 5, count: 1 },
          ],
        }),
      );
      expect(await hours(['a'])).toEqual([
        { deviceId: 'a', hourMs: 0, mean: 5 },
        { deviceId: 'a', hourMs: HOUR_MS, mean: 11 },
      ]);
    });

    it('gives the hours from the first to before the last, of the devices and metric asked for', async () => {
      await store.apply(
        changes({
          hours: [0, 1, 2].flatMap((hour) => [
            { ...A, hourMs: hour * HOUR_MS, sum: hour, count: 1 },
            { ...A, metric: 'PM10' as const, hourMs: hour * HOUR_MS, sum: 99, count: 1 },
          ]),
        }),
      );
      expect((await hours(['a', 'unknown'], HOUR_MS, 2 * HOUR_MS)).map(({ mean }) => mean)).toEqual([1]);
      expect(await hours([])).toEqual([]);
    });

    it('lets each device count alike in the mean over devices', async () => {
      await store.apply(
        changes({
          hours: [
            { ...A, hourMs: 0, sum: 100, count: 10 },
            { ...B, hourMs: 0, sum: 40, count: 1 },
            { ...B, hourMs: HOUR_MS, sum: 7, count: 1 },
          ],
        }),
      );
      const query = { deviceIds: ['a', 'b'], metric: 'PM2_5', fromMs: 0, toMs: 10 * HOUR_MS } as const;
      expect(await store.meansOverDevices(query)).toEqual([
        { hourMs: 0, mean: 25 },
        { hourMs: HOUR_MS, mean: 7 },
      ]);
    });

    it('remembers positions, last values and memories over a restart', async () => {
      const memory = firstMemory(5, 12);
      const latest = [{ ...A, timeMs: 5, value: 12 }];
      await store.apply(
        changes({ positions: [{ partition: 0, nextOffset: 7 }], latest, memories: [{ ...A, memory }] }),
      );
      await store.apply(changes({ positions: [{ partition: 0, nextOffset: 9 }] }));
      await store.close();
      store = await source.open();
      expect(await store.load()).toEqual({
        positions: [{ partition: 0, nextOffset: 9 }],
        latest,
        memories: [{ ...A, memory: JSON.parse(JSON.stringify(memory)) }],
      });
    });

    it('stores nothing of a step that fails', async () => {
      const broken = { ...A, hourMs: 0, sum: Number.NaN, count: 1 };
      const step = changes({
        positions: [{ partition: 0, nextOffset: 7 }],
        hours: [{ ...B, hourMs: 0, sum: 1, count: 1 }, broken],
      });
      await expect(store.apply(step)).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' });
      expect(await hours(['b'])).toEqual([]);
      expect((await store.load()).positions).toEqual([]);
      await store.apply(changes({ hours: [{ ...B, hourMs: 0, sum: 1, count: 1 }] }));
      expect(await hours(['b'])).toHaveLength(1);
    });

    it('finds the faults that overlap a range, the oldest first, and those that last', async () => {
      const fault = (kind: 'SPIKE' | 'GAP', fromMs: number, toMs: number | undefined) => ({
        ...A,
        kind,
        fromMs,
        toMs,
        score: 0.5,
      });
      const found = [
        fault('GAP', 50, undefined),
        fault('SPIKE', 10, 20),
        fault('SPIKE', 30, 30),
        fault('SPIKE', 40, 45),
      ];
      await store.apply(changes({ found }));
      const query = { deviceIds: ['a'], fromMs: 20, toMs: 40, perDeviceMax: 10 };
      expect((await store.anomalies(query)).map(({ fromMs }) => fromMs)).toEqual([10, 30]);
      const later = { deviceIds: ['a', 'b'], fromMs: 46, toMs: 1_000, perDeviceMax: 10 };
      expect(await store.anomalies(later)).toEqual([fault('GAP', 50, undefined)]);
      expect(await store.anomalies({ ...query, fromMs: 0, toMs: 100, perDeviceMax: 2 })).toHaveLength(2);
      await store.apply(changes({ withdrawn: [{ ...A, kind: 'GAP', fromMs: 50 }], found: [fault('SPIKE', 10, 25)] }));
      expect((await store.anomalies({ ...query, fromMs: 0, toMs: 1_000 })).map(({ toMs }) => toMs)).toEqual([
        25, 30, 45,
      ]);
    });

    it('keeps the newest forecast of a kind, and that there is none', async () => {
      const none = { subject: 'device:a', metric: 'PM2_5', startMs: 0, hours: 24, profile: undefined } as const;
      expect(await store.forecast('device:a', 'PM2_5')).toBeUndefined();
      await store.saveForecast(none);
      expect(await store.forecast('device:a', 'PM2_5')).toEqual(none);
      const step = { value: 1, lower: 0, upper: 2, model: 'persistence/1' } as const;
      const issued = { ...none, startMs: HOUR_MS, profile: { startMs: HOUR_MS, steps: [step] } };
      await store.saveForecast(issued);
      expect(await store.forecast('device:a', 'PM2_5')).toEqual(issued);
    });

    it('drops what is older than asked, and no fault that lasts', async () => {
      await store.apply(
        changes({
          hours: [0, 1].map((hour) => ({ ...A, hourMs: hour * HOUR_MS, sum: 1, count: 1 })),
          found: [
            { ...A, kind: 'SPIKE', fromMs: 1, toMs: 2, score: 1 },
            { ...A, kind: 'GAP', fromMs: 1, toMs: undefined, score: 1 },
          ],
        }),
      );
      await store.expire(HOUR_MS);
      expect((await hours(['a'])).map(({ hourMs }) => hourMs)).toEqual([HOUR_MS]);
      const left = await store.anomalies({ deviceIds: ['a'], fromMs: 0, toMs: HOUR_MS, perDeviceMax: 10 });
      expect(left.map(({ kind }) => kind)).toEqual(['GAP']);
    });
  });
}
