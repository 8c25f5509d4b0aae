import { InfluxDB } from '@influxdata/influxdb-client';
import { BucketsAPI, TasksAPI } from '@influxdata/influxdb-client-apis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Influx, startInflux } from '../../../tools/engines/influx.ts';
import { memoryLog } from '../../log/memory-log.ts';
import { memoryMetrics } from '../../metrics/memory-metrics.ts';
import { pointColumns } from '../contract.ts';
import { clockAt, openForTest, removeBuckets } from './fixtures/open-for-test.ts';
import { openInfluxTimeSeries } from './store.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 10);
const RANGE = { fromMs: START, toMs: START + DAY } as const;

let influx: Influx;
beforeAll(async () => {
  influx = await startInflux();
});
afterAll(() => influx.stop());

const open = (bucket: string, server: Pick<Influx, 'url' | 'org' | 'token'> = influx) =>
  openForTest(server, { bucket, nowMs: START + DAY });
const point = (series: number, timeMs: number, value: number) => pointColumns([{ series, timeMs, value }]);
const bucketsApi = () => new BucketsAPI(new InfluxDB(influx));
const tasksApi = () => new TasksAPI(new InfluxDB(influx));

async function bucketNamed(name: string) {
  const found = (await bucketsApi().getBuckets({ name })).buckets?.[0];
  if (!found?.id) throw new Error(`expected a bucket ${name}`);
  return { ...found, id: found.id };
}

describe('an InfluxDB that cannot be used', () => {
  it('is told when it does not take the token, which is not repeated', async () => {
    const token = 'not-the-token';
    const error = await open('refused', { url: influx.url, org: influx.org, token }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'STORE_REFUSED', subject: expect.stringContaining(influx.url) });
    expect(String(error)).not.toContain(token);
  });

  it('is told when the token may not do this', async () => {
    const token = await influx.readOnlyToken();
    await expect(open('reading', { url: influx.url, org: influx.org, token })).rejects.toMatchObject({
      code: 'STORE_REFUSED',
    });
  });

  it('is told when there is no such organisation, nobody answers, or the address is none', async () => {
    const { url, org, token } = influx;
    await expect(open('x', { url, org: 'elsewhere', token })).rejects.toMatchObject({ code: 'STORE_MISSING' });
    await expect(open('x', { url: 'http://127.0.0.1:1', org, token })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(open('x', { url: 'influxdb', org, token })).rejects.toMatchObject({ code: 'BAD_SETTING' });
  });

  it('is told when a later version wrote to it, or made its task', async () => {
    await (await open('later')).close();
    const { id } = await bucketNamed('later');
    await bucketsApi().patchBucketsID({ bucketID: id, body: { description: 'Readings; GreenCity layout 1000' } });
    await expect(open('later')).rejects.toMatchObject({ code: 'STORE_NEWER' });
    await (await open('task')).close();
    const [task] = (await tasksApi().getTasks({ name: 'task downsampling' })).tasks ?? [];
    const flux = task?.flux.replace('downsampling, version 1', 'downsampling, version 1000') ?? '';
    await tasksApi().patchTasksID({ taskID: task?.id ?? '', body: { flux } });
    await expect(open('task')).rejects.toMatchObject({ code: 'STORE_NEWER' });
  });
});

describe('what the store makes in InfluxDB', () => {
  it('keeps raw points a little longer than asked for, and is made once however often the store is opened', async () => {
    const options = { ...{ url: influx.url, org: influx.org, token: influx.token, bucket: 'made' } };
    const rest = { clock: clockAt(Date.now()), log: memoryLog(), metrics: memoryMetrics() };
    for (const rawDays of [30, 40]) {
      const retention = { rawMs: rawDays * DAY, rollupMs: 365 * DAY };
      await (await openInfluxTimeSeries({ ...options, ...rest, retention })).close();
      const kept = (await bucketNamed('made')).retentionRules[0]?.everySeconds ?? 0;
      expect(kept).toBe((rawDays + 8) * 86_400);
    }
    expect((await bucketNamed('made-rollups')).retentionRules[0]?.everySeconds).toBe((365 + 8) * 86_400);
    const { tasks = [] } = await tasksApi().getTasks({ name: 'made downsampling' });
    expect(tasks.map(({ status }) => status)).toEqual(['active']);
    expect(tasks[0]?.flux).toContain(`${41 * DAY}ms`);
  });

  it('holds a task that runs, and rolls up the day that left the raw retention', async () => {
    const nowMs = Date.now();
    const dayMs = Math.floor((nowMs - 31 * DAY) / DAY) * DAY - DAY;
    const options = { bucket: 'task-run', nowMs: dayMs + DAY };
    await using store = await openForTest(influx, options);
    const series = store.series('device', 'PM2_5');
    await store.write(pointColumns([1, 2, 6].map((value, i) => ({ series, timeMs: dayMs + i * HOUR, value }))));
    const [task] = (await tasksApi().getTasks({ name: 'task-run downsampling' })).tasks ?? [];
    const taskID = task?.id ?? '';
    const { id: runID = '' } = await tasksApi().postTasksIDRuns({ taskID, body: {} });
    await expect
      .poll(async () => (await tasksApi().getTasksIDRunsID({ taskID, runID })).status, { timeout: 20_000 })
      .toBe('success');
    const flux = `from(bucket: "task-run-rollups") |> range(start: 0) |> filter(fn: (r) => r._measurement =~ /^day/)`;
    const rows = await new InfluxDB(influx)
      .getQueryApi(influx.org)
      .collectRows<{ _measurement: string; _value: number }>(flux);
    expect(Object.fromEntries(rows.map(({ _measurement, _value }) => [_measurement, _value]))).toEqual({
      'day.count': 3,
      'day.sum': 9,
      'day.min': 1,
      'day.max': 6,
    });
    await tasksApi().deleteTasksID({ taskID });
  });

  it('tells of a clock that is two hours off, and takes readings nonetheless', async () => {
    const log = memoryLog();
    const nowMs = Date.now() + 2 * HOUR;
    await using store = await openForTest(influx, { bucket: 'clock', nowMs, log });
    expect(log.entries).toContainEqual(
      expect.objectContaining({ level: 'error', message: expect.stringContaining('clock of InfluxDB') }),
    );
    const series = store.series('device', 'PM2_5');
    await store.write(point(series, nowMs, 7));
    expect((await store.latest(Uint32Array.of(series))).value[0]).toBe(7);
    const rows = await store.raw({ series, fromMs: nowMs - HOUR, toMs: nowMs + 1, pointsMax: 10 });
    expect([...rows.value]).toEqual([7]);
  });
});

describe('a bucket that is deleted under us', () => {
  const patient = { timeout: 60_000 };

  it('is STORE_MISSING for writes and questions until it has been made anew, by itself, and tells no value of before', async () => {
    const log = memoryLog();
    await using store = await openForTest(influx, { bucket: 'deleted', nowMs: START + DAY, log });
    const [series, silent] = [store.series('device', 'PM2_5'), store.series('silent', 'PM2_5')];
    await store.write(point(series, START, 1));
    await store.write(point(silent, START, 1));
    await bucketsApi().deleteBucketsID({ bucketID: (await bucketNamed('deleted')).id });
    await expect(store.write(point(series, START + 1, 2))).rejects.toMatchObject({ code: 'STORE_MISSING' });
    await expect.poll(() => store.ping().then(() => 'ready', String), patient).toBe('ready');
    await store.write(point(series, START + 1, 2));
    expect([...(await store.raw({ series, ...RANGE, pointsMax: 9 })).value]).toEqual([2]);
    expect([...(await store.latest(Uint32Array.of(series, silent))).value]).toEqual([2, Number.NaN]);
    expect(log.entries).toContainEqual(
      expect.objectContaining({ level: 'warn', message: expect.stringContaining('made anew') }),
    );
    await removeBuckets(influx, 'deleted');
  });

  it('is made anew where it held roll-ups', patient, async () => {
    await using store = await open('rolled');
    await bucketsApi().deleteBucketsID({ bucketID: (await bucketNamed('rolled-rollups')).id });
    await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_MISSING' });
    await expect.poll(() => store.ping().then(() => 'ready', String), { timeout: 45_000 }).toBe('ready');
  });
});

describe('an InfluxDB that goes away', () => {
  it('fails writes with a name, and knows afterwards what it had stored', async () => {
    await using store = await open('away');
    const series = store.series('device', 'PM2_5');
    await store.write(point(series, START, 1));
    await influx.kill();
    await expect(store.write(point(series, START + 1, 2))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await store.latest(Uint32Array.of(series))).value[0]).toBe(1);
    await influx.start();
    await store.write(point(series, START + 1, 2));
    const outcome = await store.write(
      pointColumns([
        { series, timeMs: START, value: 1 },
        { series, timeMs: START + 1, value: 3 },
      ]),
    );
    expect([[...outcome.duplicates], [...outcome.conflicts]]).toEqual([[0], [1]]);
    expect([...(await store.raw({ series, ...RANGE, pointsMax: 9 })).value]).toEqual([1, 2]);
  });

  it('waits for a server that comes back soon, as a write does at a restart', async () => {
    await using store = await openForTest(influx, { bucket: 'soon', nowMs: START + DAY, retryMs: 30_000 });
    const series = store.series('device', 'PM2_5');
    await influx.kill();
    const writing = store.write(point(series, START, 1));
    await influx.start();
    await writing;
    expect([...(await store.raw({ series, ...RANGE, pointsMax: 9 })).value]).toEqual([1]);
  });
});

describe('two processes that share the store', () => {
  it('hear of each other: what one has stored is no news to the other, and its newest value is seen', async () => {
    await using one = await open('shared');
    await using two = await open('shared');
    const [a, b] = [one.series('device', 'PM2_5'), two.series('device', 'PM2_5')];
    await one.write(point(a, START, 1));
    await expect.poll(async () => (await two.latest(Uint32Array.of(b))).value[0], { timeout: 20_000 }).toBe(1);
    // Older than what the other knows, yet the newest of its series.
    const late = one.series('device', 'PM10');
    await one.write(point(late, START - DAY, 5));
    await expect
      .poll(async () => (await two.latest(Uint32Array.of(two.series('device', 'PM10')))).value[0], { timeout: 20_000 })
      .toBe(5);
    const outcome = await two.write(point(b, START, 2));
    expect([...outcome.conflicts]).toEqual([0]);
    expect((await two.latest(Uint32Array.of(b))).value[0]).toBe(1);
  });

  it('may open it at once', async () => {
    const stores = await Promise.all([open('at-once'), open('at-once'), open('at-once')]);
    await Promise.all(stores.map((store) => store.close()));
    await (await open('at-once')).close();
    const { tasks = [] } = await tasksApi().getTasks({ name: 'at-once downsampling' });
    expect(tasks).toHaveLength(1);
  });
});
