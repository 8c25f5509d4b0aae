/** kill -9 in the middle of a publish storm, again and again: what was acknowledged is found, exactly once. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededChance } from '@greencity/air/chance';
import { expect, it } from 'vitest';
import { eventually } from './client.ts';
import { type Platform, startPlatform } from './platform.ts';

const ROUNDS = 50;
const DEVICES = 8;
const IN_FLIGHT = 20;
const STORM_MS_MIN = 100;
const STORM_MS_SPREAD = 400;
const SEED = 20_261_124;

interface Credentials {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

interface Ledger {
  /** Reading times sent, by device, Unix ms. */
  readonly sent: Map<string, Set<number>>;
  readonly acknowledged: Map<string, Set<number>>;
}

/** Publishes as fast as acknowledgements allow until the connection is lost; notes what was sent and what was acknowledged. */
async function storm(platform: Platform, device: Credentials, ledger: Ledger, firstMs: number): Promise<void> {
  const client = await platform.connect(device);
  client.on('error', () => {});
  const sent = ledger.sent.get(device.id) ?? new Set();
  const acknowledged = ledger.acknowledged.get(device.id) ?? new Set();
  ledger.sent.set(device.id, sent);
  ledger.acknowledged.set(device.id, acknowledged);
  let nextMs = firstMs;
  let open = true;
  const gone = new Promise<void>((resolve) => client.once('close', resolve)).then(() => (open = false));
  const lane = async () => {
    while (open) {
      const timeMs = nextMs++;
      sent.add(timeMs);
      const payload = JSON.stringify({
        time: new Date(timeMs).toISOString(),
        values: { pm2_5: (timeMs % 500) / 10, pm10: (timeMs % 700) / 10 },
      });
      const done = client
        .publishAsync(`greencity/v1/${device.id}/measurements`, payload, { qos: 1 })
        .then(() => acknowledged.add(timeMs));
      await Promise.race([done.catch(() => {}), gone]);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  client.end(true);
}

async function storedTimes(
  platform: Platform,
  deviceId: string,
  range: { readonly fromMs: number; readonly toMs: number },
): Promise<readonly number[]> {
  const query = `query ($id: ID!, $from: DateTime!, $to: DateTime!) { device(id: $id) { series(metric: PM10, from: $from, to: $to) { points { time } } } }`;
  const times: number[] = [];
  const stepMs = 40_000;
  for (let fromMs = range.fromMs; fromMs < range.toMs; fromMs += stepMs) {
    const toMs = Math.min(fromMs + stepMs, range.toMs);
    const answer = await platform.graphql(query, {
      id: deviceId,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
    });
    expect(answer.errors).toBeUndefined();
    for (const point of answer.data.device.series.points) times.push(Date.parse(point.time));
  }
  return times;
}

it(`loses and doubles no acknowledged reading over ${ROUNDS} kills`, { timeout: 600_000 }, async () => {
  const random = seededChance(SEED);
  const dataDir = mkdtempSync(join(tmpdir(), 'greencity-kill-'));
  const ledger: Ledger = { sent: new Map(), acknowledged: new Map() };
  let devices: readonly Credentials[] = [];
  const startMs = Date.now() - 3_600_000;
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const platform = await startPlatform({ dataDir });
      if (round === 0) {
        devices = await Promise.all(
          Array.from({ length: DEVICES }, (_, index) =>
            platform.register({
              name: `Storm ${index}`,
              location: { latitude: 57.14, longitude: -2.09 },
              sensors: ['SDS011'],
            }),
          ),
        );
      }
      const storms = devices.map((device) => storm(platform, device, ledger, startMs + round * 20_000));
      await new Promise((resolve) => setTimeout(resolve, STORM_MS_MIN + random() * STORM_MS_SPREAD));
      await platform.kill();
      await Promise.all(storms);
    }
    await using platform = await startPlatform({ dataDir });
    let acknowledgedTotal = 0;
    for (const device of devices) {
      const acknowledged = ledger.acknowledged.get(device.id) ?? new Set();
      const sent = ledger.sent.get(device.id) ?? new Set();
      const range = { fromMs: startMs, toMs: startMs + ROUNDS * 20_000 };
      const stored = await eventually(`all of ${device.id}`, async () => {
        const times = await storedTimes(platform, device.id, range);
        return new Set(times).size >= acknowledged.size ? times : undefined;
      });
      const found = new Set(stored);
      expect(found.size, 'no reading is found twice').toBe(stored.length);
      expect(
        [...acknowledged].filter((timeMs) => !found.has(timeMs)),
        'no acknowledged reading is missing',
      ).toEqual([]);
      expect(
        stored.filter((timeMs) => !sent.has(timeMs)),
        'nothing is found that was not sent',
      ).toEqual([]);
      acknowledgedTotal += acknowledged.size;
    }
    expect(acknowledgedTotal).toBeGreaterThan(ROUNDS * DEVICES);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
