/** The disk fills up under a running platform: nothing that was acknowledged is lost, what is stored can be read, and it goes on by itself when there is room again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { limitFileSize, mountSmallDisk } from '../../tools/engines/small-disk.ts';
import { eventually } from './client.ts';
import { type Platform, runToEnd, startPlatform } from './platform.ts';

const PLACE = { latitude: 57.14, longitude: -2.09 };
/** Readings of a message: about 6 KiB, so that it does not fit into the rest of a page. */
const READINGS = 100;
const REFUSALS = 5;
const ACKNOWLEDGE_WITHIN_MS = 2_000;
/** A message may still find room in what the file system rounds up; ten in a row may not. */
const LAST_GASPS_MAX = 10;

const NO_DISK = 'this machine does not let us mount a small disk';

type Credentials = Awaited<ReturnType<Platform['register']>>;

/** A device that notes what it sent and what was acknowledged, by reading time. */
function sender(device: Credentials) {
  let nextMs = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
  const fromMs = nextMs;
  const sent = new Set<number>();
  const acknowledged = new Set<number>();
  return {
    sent,
    acknowledged,
    range: () => ({ from: new Date(fromMs).toISOString(), to: new Date(nextMs).toISOString() }),
    /** Publishes one message on a connection of its own. Resolves to whether it was acknowledged. */
    async publish(platform: Platform): Promise<boolean> {
      const times = Array.from({ length: READINGS }, (_, index) => nextMs + index);
      nextMs += READINGS;
      const readings = times.map((timeMs) => ({ time: new Date(timeMs).toISOString(), values: { pm10: timeMs % 97 } }));
      const client = await platform.connect(device);
      client.on('error', () => {});
      const closed = new Promise<false>((resolve) => client.once('close', () => resolve(false)));
      const late = new Promise<false>((resolve) => setTimeout(resolve, ACKNOWLEDGE_WITHIN_MS, false));
      for (const timeMs of times) sent.add(timeMs);
      const done = client
        .publishAsync(`greencity/v1/${device.id}/measurements`, JSON.stringify(readings), { qos: 1 })
        .then(() => true)
        .catch(() => false);
      const wasAcknowledged = await Promise.race([done, closed, late]);
      client.end(true);
      if (wasAcknowledged) for (const timeMs of times) acknowledged.add(timeMs);
      return wasAcknowledged;
    },
  };
}
type Sender = ReturnType<typeof sender>;

const register = async (platform: Platform) =>
  await platform.register({ id: 'last-page', name: 'Last page', location: PLACE, sensors: ['SDS011'] });

async function storedTimes(platform: Platform, from: Sender): Promise<readonly number[]> {
  const query =
    'query ($from: DateTime!, $to: DateTime!) { device(id: "last-page") { series(metric: PM10, from: $from, to: $to) { points { time } } } }';
  const answer = await platform.graphql(query, from.range());
  expect(answer.errors).toBeUndefined();
  return answer.data.device.series.points.map(({ time }: { time: string }) => Date.parse(time));
}

/** Waits until all that was acknowledged is found; nothing twice, and nothing that was not sent. */
async function findsAll(platform: Platform, from: Sender): Promise<void> {
  const times = await eventually('what was acknowledged', async () => {
    const found = await storedTimes(platform, from);
    const known = new Set(found);
    return [...from.acknowledged].every((timeMs) => known.has(timeMs)) ? found : undefined;
  });
  expect(new Set(times).size).toBe(times.length);
  expect(times.filter((timeMs) => !from.sent.has(timeMs))).toEqual([]);
}

/** Publishes until a message is not acknowledged any more, then holds that none is. */
async function isRefused(platform: Platform, from: Sender): Promise<void> {
  let lastGasps = 0;
  while (await from.publish(platform)) {
    lastGasps += 1;
    expect(lastGasps).toBeLessThan(LAST_GASPS_MAX);
  }
  for (let attempt = 0; attempt < REFUSALS; attempt += 1) expect(await from.publish(platform)).toBe(false);
}

/** What must go on while nothing can be written. */
async function goesOn(platform: Platform, from: Sender, knownBefore: readonly number[]): Promise<void> {
  expect((await fetch(`${platform.url}/live`)).status).toBe(200);
  expect((await storedTimes(platform, from)).slice(0, knownBefore.length)).toEqual(knownBefore);
  const answer = await platform.graphql('{ device(id: "last-page") { name latest { metric value } zone { id } } }');
  expect(answer.errors).toBeUndefined();
  expect(answer.data.device).toMatchObject({
    name: 'Last page',
    latest: [{ metric: 'PM10' }],
    zone: { id: 'outside' },
  });
}

/** What a mutation says while nothing can be written: a named reason, and no half-made device. */
async function refusesDevices(platform: Platform): Promise<void> {
  const query = `mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) { device { id } } }`;
  const input = { id: 'too-late', name: 'Too late', location: PLACE, sensors: ['SDS011'] };
  const { errors } = await platform.graphql(query, { input });
  expect(['LOG_FULL', 'LOG_UNWRITABLE', 'STORE_UNWRITABLE']).toContain(errors?.[0]?.extensions?.['code']);
  expect((await platform.graphql('{ device(id: "too-late") { id } }')).data.device).toBeNull();
}

async function notDurable(platform: Platform): Promise<string> {
  return (await (await fetch(`${platform.url}/metrics`)).text())
    .split('\n')
    .filter((line) => line.startsWith('ingest_not_durable_total'))
    .join('\n');
}

const loud = (output: string) => output.split('\n').filter((line) => line.includes('the log takes no records'));

/** The whole story, with any way to fill the disk and to make room again. */
async function story(platform: Platform, disk: { fill(): void; free(): void }): Promise<Sender> {
  const from = sender(await register(platform));
  for (let message = 0; message < 3; message += 1) expect(await from.publish(platform)).toBe(true);
  await findsAll(platform, from);
  const knownBefore = await storedTimes(platform, from);
  disk.fill();
  await isRefused(platform, from);
  await goesOn(platform, from, knownBefore);
  await refusesDevices(platform);
  expect(await notDurable(platform)).toMatch(/code="LOG_FULL"\} [1-9]/);
  expect(loud(platform.output()), 'said once, not for each message').toHaveLength(1);
  disk.free();
  await eventually('a message to be taken again', async () => (await from.publish(platform)) || undefined);
  await findsAll(platform, from);
  return from;
}

it('a full disk: nothing is acknowledged, queries go on, and room heals it; so do a restart and a kill', async ({
  skip,
}) => {
  using disk = mountSmallDisk();
  if (!disk) return skip(NO_DISK);
  const dataDir = join(disk.folder, 'data');
  const first = await startPlatform({ dataDir });
  const from = await story(first, disk);
  expect(await first.stop()).toBe(0);
  const second = await startPlatform({ dataDir });
  await findsAll(second, from);
  disk.fill();
  await isRefused(second, from);
  await second.kill();
  const { code, output } = await runToEnd({ dataDir });
  expect(code).toBe(1);
  expect(output).toMatch(/did not start\. (STORE_UNWRITABLE|LOG_FULL): /);
  expect(output).not.toMatch(/^\s+at /m);
  disk.free();
  const third = await startPlatform({ dataDir });
  await findsAll(third, from);
  expect(await from.publish(third)).toBe(true);
  await findsAll(third, from);
  expect(await third.stop()).toBe(0);
});

it('a full disk under the store alone: readings are taken, kept in the log, and stored when there is room', async ({
  skip,
}) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'greencity-full-'));
  try {
    using disk = mountSmallDisk(join(dataDir, 'series'));
    if (!disk) return skip(NO_DISK);
    const platform = await startPlatform({ dataDir });
    const from = sender(await register(platform));
    expect(await from.publish(platform)).toBe(true);
    await findsAll(platform, from);
    const knownBefore = await storedTimes(platform, from);
    disk.fill();
    for (let message = 0; message < 20; message += 1) expect(await from.publish(platform)).toBe(true);
    await goesOn(platform, from, knownBefore);
    expect((await storedTimes(platform, from)).length).toBeLessThan(from.acknowledged.size);
    disk.free();
    await findsAll(platform, from);
    expect(await platform.stop()).toBe(0);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

it('files that may not grow: the same, on any machine', async () => {
  await using platform = await startPlatform();
  await story(platform, {
    fill: () => limitFileSize(platform.pid, 1),
    free: () => limitFileSize(platform.pid, 'unlimited'),
  });
});
