/** A real day, replayed as fast as it goes, and all that the platform then says of it against numbers worked out from the file by other code. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { damagedRows, hasWeek, rowsOfDay, writeRows } from './archive-file.ts';
import { eventually } from './client.ts';
import { atmo, eaqi, type Index, usEpa, who } from './oracle/air-quality.ts';
import { type Archive, type Metric, readArchive } from './oracle/archive.ts';
import { corrected, type Flag, isBad, type JudgedValue, judge } from './oracle/quality.ts';
import { buckets, type Statistic, statisticOf } from './oracle/statistics.ts';
import { type Platform, startPlatform } from './platform.ts';

const DAY = '2019-05-01';
const DAY_MS = Date.parse(`${DAY}T00:00:00Z`);
const HOUR_MS = 3_600_000;
const RANGE = { from: `${DAY}T00:00:00Z`, to: '2019-05-02T00:00:00Z' };
const METRICS: readonly Metric[] = ['PM10', 'PM2_5', 'TEMPERATURE', 'HUMIDITY', 'PRESSURE'];
const FLAGS: readonly Flag[] = ['OUT_OF_RANGE', 'STUCK', 'SPIKE', 'HUMID'];
const STATISTICS: readonly Statistic[] = ['MEAN', 'MIN', 'MAX', 'MEDIAN', 'P95', 'COUNT'];
/** A place in the middle of Aberdeen with dry spells and damp ones, so that some of its particle values count and some do not. */
const LOCATION = '4315';
const KNOWN = `sc-${LOCATION}`;
/** A place that does not exist, for the file with faults. */
const DAMAGED_LOCATION = '990001';

if (!hasWeek) {
  const why = 'the week of real readings is not beside the repository (../shared/data)';
  process.stderr.write(`\nSKIPPED: the replay of a real day; ${why}.\n\n`);
  it.runIf(process.env['CI'])('has the data that it needs', () => expect.fail(why));
}

/** The platform's own words for a number that two ways of adding up may write differently in the last digits. */
const near = (number: number) => expect.closeTo(number, 8);

describe.runIf(hasWeek)('a real day, replayed', () => {
  let folder: string;
  let platform: Platform;
  let archive: Archive;
  let judged: readonly JudgedValue[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'greencity-replay-'));
    const rows = rowsOfDay(DAY);
    const file = writeRows(join(folder, 'day.csv.gz'), rows);
    platform = await startPlatform({ args: ['--replay', file, '--original-time', '--until-end'] });
    archive = readArchive(rows.join('\n'));
    judged = judge(archive.values);
    await eventually('the replay to end', async () => /acknowledged, in /.test(platform.output()) || undefined, 90_000);
    await caughtUp();
  });
  afterAll(async () => {
    await platform?.[Symbol.asyncDispose]();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  async function counter(name: string, labels = ''): Promise<number> {
    const text = await (await fetch(`${platform.url}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}${labels} `));
    return Number(line?.split(' ').at(-1) ?? 0);
  }
  const stored = () => counter('greencity_measurements_stored_values_total');
  const flagged = (flag: string) => counter('greencity_measurements_flagged_values_total', `{flag="${flag}"}`);

  /** Waits until everything in the log has been judged and stored. */
  async function caughtUp(): Promise<void> {
    const lag = 'greencity_measurements_lag_records';
    await eventually('the store to have it all', async () => (await counter(lag)) === 0 || undefined, 60_000);
  }

  /** Replays a file by the command-line tool. Gives what it printed at the end. */
  async function replayByTool(name: string, rows: readonly string[]): Promise<string> {
    const tool = fileURLToPath(new URL('../../tools/replay/main.ts', import.meta.url));
    const where = ['--url', platform.url, '--mqtt', platform.mqttUrl];
    const child = spawn(
      process.execPath,
      [tool, writeRows(join(folder, name), rows), ...where, '--original-time', '--until-end'],
      { env: { PATH: '', GREENCITY_TOKEN: await platform.token() }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let printed = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    const [code] = await once(child, 'exit');
    expect(code, printed).toBe(0);
    await caughtUp();
    return printed;
  }

  const of = (device: string, metric?: Metric) =>
    judged.filter((one) => one.device === device && (metric === undefined || one.metric === metric));

  /** A series of a device or zone as [time, value] pairs. */
  async function series(kind: 'device' | 'zone', id: string, options: Record<string, unknown>) {
    const query = `query ($id: ID!, $metric: Metric!, $from: DateTime!, $to: DateTime!, $interval: Duration${kind === 'zone' ? '! = "PT1H"' : ''}, $statistic: Statistic! = MEAN, $quality: QualityFilter! = ALL) {
      ${kind}(id: $id) { series(metric: $metric, from: $from, to: $to, interval: $interval, statistic: $statistic, quality: $quality) { points { time value } } } }`;
    const answer = await platform.graphql(query, { id, ...RANGE, ...options });
    expect(answer.errors).toBeUndefined();
    const { points } = answer.data[kind].series as { points: { time: string; value: number }[] };
    return points.map(({ time, value }): [number, number] => [Date.parse(time), value]);
  }

  const pairs = (values: readonly JudgedValue[]) =>
    values.map(({ timeMs, value }): [number, number] => [timeMs, value]);
  const statistics = (values: readonly JudgedValue[], statistic: Statistic, widthMs: number) =>
    [...buckets(values, widthMs)].map(([startMs, numbers]) => [startMs, near(statisticOf(statistic, numbers))]);

  /** Zones of the platform with the devices that the file has in them. */
  async function zones(): Promise<readonly { readonly id: string; readonly devices: readonly string[] }[]> {
    const found = (await platform.graphql('{ zones { id deviceCount boundary } }')).data.zones as {
      id: string;
      deviceCount: number;
      boundary: [number, number][][];
    }[];
    return found
      .filter(({ id }) => id !== 'outside')
      .map(({ id, deviceCount, boundary: [ring = []] }) => {
        const [west, east] = [Math.min(...ring.map(([x]) => x)), Math.max(...ring.map(([x]) => x))];
        const [south, north] = [Math.min(...ring.map(([, y]) => y)), Math.max(...ring.map(([, y]) => y))];
        const devices = [...archive.places].filter(
          ([, place]) =>
            place.longitude >= west && place.longitude < east && place.latitude >= south && place.latitude < north,
        );
        expect(devices.length, `devices in ${id}`).toBe(deviceCount);
        return { id, devices: devices.map(([device]) => device) };
      });
  }

  async function airQuality(kind: 'device' | 'zone', id: string, standard: string, iso: string) {
    const query = `query ($id: ID!, $standard: AirQualityStandard!, $at: DateTime!) { ${kind}(id: $id) { airQuality(standard: $standard, at: $at) {
      index dominantMetric time completeness partial subIndices { metric concentration } } } }`;
    const answer = await platform.graphql(query, { id, standard, at: iso });
    expect(answer.errors).toBeUndefined();
    return answer.data[kind].airQuality;
  }

  const like = ({ index, dominant, concentrations, completeness }: Index, iso: string) => ({
    index,
    dominantMetric: dominant,
    time: iso,
    completeness: near(completeness),
    partial: true,
    subIndices: [
      { metric: 'PM2_5', concentration: expect.closeTo(concentrations.PM2_5, 5) },
      { metric: 'PM10', concentration: expect.closeTo(concentrations.PM10, 5) },
    ],
  });

  it('has every device of the file at its place, and every value once', async () => {
    const query = '{ devices(first: 200) { totalCount nodes { id location { latitude longitude } } } }';
    const { totalCount, nodes } = (await platform.graphql(query)).data.devices;
    expect(totalCount).toBe(archive.places.size);
    expect(new Map(nodes.map((node: { id: string; location: unknown }) => [node.id, node.location]))).toEqual(
      archive.places,
    );
    expect(await stored()).toBe(archive.values.length);
    expect(archive.values.length).toBe(50_503);
  });

  it('gives every raw value of every device as the file has it, and leaves the BAD ones out when asked to', async () => {
    const totals = new Map<Metric, number>();
    for (const device of archive.places.keys()) {
      for (const metric of METRICS) {
        const expected = of(device, metric);
        expect(await series('device', device, { metric }), `${device} ${metric}`).toEqual(pairs(expected));
        expect(await series('device', device, { metric, quality: 'NOT_BAD' }), `${device} ${metric}, not BAD`).toEqual(
          pairs(expected.filter((one) => !isBad(one))),
        );
        totals.set(metric, (totals.get(metric) ?? 0) + expected.length);
      }
    }
    const found = await Promise.all(
      METRICS.map(async (metric) => {
        const days = await Promise.all(
          [...archive.places.keys()].map((device) =>
            series('device', device, { metric, interval: 'P1D', statistic: 'COUNT' }),
          ),
        );
        return [metric, days.flat().reduce((sum, [, count]) => sum + count, 0)] as const;
      }),
    );
    expect(new Map(found)).toEqual(totals);
  });

  it.each(['PM2_5', 'TEMPERATURE'] as const)('gives all statistics of each hour of %s', async (metric) => {
    for (const statistic of STATISTICS) {
      const options = { metric, interval: 'PT1H', statistic };
      const values = of(KNOWN, metric);
      const sound = values.filter((one) => !isBad(one));
      expect(await series('device', KNOWN, options), statistic).toEqual(statistics(values, statistic, HOUR_MS));
      expect(await series('device', KNOWN, { ...options, quality: 'NOT_BAD' }), `${statistic}, not BAD`).toEqual(
        statistics(sound, statistic, HOUR_MS),
      );
    }
  });

  it('gives the daily P95 of each zone over the values of all its devices', async () => {
    for (const { id, devices } of await zones()) {
      const options = { metric: 'PM2_5', interval: 'P1D', statistic: 'P95' };
      const values = devices.flatMap((device) => of(device, 'PM2_5'));
      const sound = values.filter((one) => !isBad(one));
      expect(await series('zone', id, { ...options, quality: 'ALL' }), id).toEqual(
        statistics(values, 'P95', 24 * HOUR_MS),
      );
      expect(await series('zone', id, { ...options, quality: 'NOT_BAD' }), `${id}, not BAD`).toEqual(
        statistics(sound, 'P95', 24 * HOUR_MS),
      );
    }
  });

  it.each([
    ['EAQI', 15, eaqi],
    ['EAQI', 18, eaqi],
    ['US_EPA', 18, usEpa],
    ['WHO', 24, who],
    ['ATMO', 24, atmo],
  ] as const)('gives %s at %i h of a device and of its zone', async (standard, hour, indexOf) => {
    const endMs = DAY_MS + hour * HOUR_MS;
    const iso = new Date(endMs).toISOString();
    expect(await airQuality('device', KNOWN, standard, iso)).toEqual(like(indexOf([of(KNOWN)], endMs), iso));
    const zone = (await zones()).find(({ devices }) => devices.includes(KNOWN));
    const members = zone?.devices.map((device) => of(device)) ?? [];
    expect(await airQuality('zone', zone?.id ?? '', standard, iso)).toEqual(like(indexOf(members, endMs), iso));
  });

  it('flags as many values as the rules do; all are late', async () => {
    for (const flag of FLAGS)
      expect(await flagged(flag), flag).toBe(judged.filter(({ flags }) => flags.has(flag)).length);
    expect(await flagged('LATE')).toBe(archive.values.length);
    expect(await flagged('SERVER_TIME')).toBe(0);
    expect(judged.filter(({ flags }) => flags.has('HUMID')).length).toBeGreaterThan(10_000);
  });

  it('gives the newest value of each metric of each device, with its flags and corrected', async () => {
    const query = '{ devices(first: 200) { nodes { id latest { metric value time flags correctedValue } } } }';
    const answer = await platform.graphql(query);
    expect(answer.errors).toBeUndefined();
    const byMetric = (a: { metric: string }, b: { metric: string }) => (a.metric < b.metric ? -1 : 1);
    for (const { id, latest } of answer.data.devices.nodes) {
      const newest = METRICS.flatMap((metric) => of(id, metric).slice(-1));
      const expected = newest.map((one) => ({
        metric: one.metric,
        value: one.value,
        time: new Date(one.timeMs).toISOString(),
        flags: [...FLAGS.filter((flag) => one.flags.has(flag)), 'LATE'],
        correctedValue: one.metric.startsWith('PM') ? (corrected(one) ?? null) : null,
      }));
      expect([...latest].sort(byMetric), id).toEqual(expected.sort(byMetric));
    }
  });

  it('changes nothing when the day is replayed once more', async () => {
    const before = await stored();
    await replayByTool('again.csv.gz', rowsOfDay(DAY));
    expect(await stored()).toBe(before);
    expect(await series('device', KNOWN, { metric: 'PM10' })).toEqual(pairs(of(KNOWN, 'PM10')));
  });

  it('takes from a damaged file what is sound, refuses what cannot be, and flags what is not to be believed', async () => {
    const rows = damagedRows(rowsOfDay(DAY), LOCATION, DAMAGED_LOCATION);
    const damaged = readArchive(rows.join('\n'));
    const expected = judge(damaged.values);
    expect([damaged.impossible.length, damaged.repeated, damaged.contradicting]).toEqual([1, 3, 1]);
    const before = new Map(
      await Promise.all(FLAGS.map(async (flag): Promise<[Flag, number]> => [flag, await flagged(flag)])),
    );
    const storedBefore = await stored();
    const boundaries = '{ zones { id boundary } }';
    const zonesBefore = await platform.graphql(boundaries);
    const printed = await replayByTool('damaged.csv.gz', rows);
    expect(printed).toContain('3 skipped');
    expect(await platform.graphql(boundaries)).toEqual(zonesBefore);
    expect((await stored()) - storedBefore).toBe(expected.length);
    for (const metric of METRICS) {
      const values = expected.filter((one) => one.metric === metric);
      const device = `sc-${DAMAGED_LOCATION}`;
      expect(await series('device', device, { metric }), metric).toEqual(pairs(values));
      expect(await series('device', device, { metric, quality: 'NOT_BAD' }), `${metric}, not BAD`).toEqual(
        pairs(values.filter((one) => !isBad(one))),
      );
    }
    for (const flag of FLAGS) {
      const count = expected.filter(({ flags }) => flags.has(flag)).length;
      expect((await flagged(flag)) - (before.get(flag) ?? 0), flag).toBe(count);
      if (flag !== 'SPIKE') expect(count, flag).toBeGreaterThan(0);
    }
    const { deadLetters } = (await platform.graphql('{ deadLetters(first: 10) { reason deviceId } }')).data;
    expect(deadLetters).toEqual(
      expect.arrayContaining([
        { reason: 'OUT_OF_RANGE', deviceId: `sc-${DAMAGED_LOCATION}` },
        { reason: 'CONFLICT', deviceId: `sc-${DAMAGED_LOCATION}` },
      ]),
    );
    expect(deadLetters).toHaveLength(2);
  });
});
