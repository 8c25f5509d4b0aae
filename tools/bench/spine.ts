/**
 * The whole spine: readings of 5 values over MQTT at QoS 1, acknowledged after fsync, visible to a query and in a subscription.
 * The platform runs in a process of its own, its CPU read from the kernel; the load comes from another.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@greencity/app/e2e/client';
import { type Platform, startPlatform } from '@greencity/app/e2e/platform';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { cpuMicroseconds, percentile, residentMib } from './process-usage.ts';

const DEVICES = 1_000;
const WATCHED = 10;
const STORM_SECONDS = 20;
const WARM_UP_SECONDS = 5;
const RATES = [6_000, 12_000, 15_000, 18_000, 24_000] as const;
/** A rate is held when this share of it was acknowledged, and everything acknowledged was visible soon after the storm. */
const HELD_SHARE = 0.98;
const VISIBLE_WITHIN_MS = 10_000;

interface Credentials {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

interface StormFigures {
  readonly acknowledged: number;
  readonly rate: number;
  readonly ackMs: { readonly p50: number; readonly p99: number };
}

async function registerDevices(platform: Platform): Promise<readonly Credentials[]> {
  const devices: Credentials[] = [];
  for (let from = 0; from < DEVICES; from += 50) {
    const some = Array.from({ length: Math.min(50, DEVICES - from) }, (_, index) => {
      const number = from + index;
      const location = { latitude: 57.1 + (number % 40) * 0.003, longitude: -2.25 + Math.floor(number / 40) * 0.008 };
      return platform.register({
        id: `bench-${number}`,
        name: `Bench ${number}`,
        location,
        sensors: ['SDS011', 'DHT22', 'MH-Z19B'],
      });
    });
    devices.push(...(await Promise.all(some)));
  }
  return devices;
}

/** Milliseconds between a reading's own time, which is when it was sent, and its arrival at a subscriber. */
function watch(platform: Platform, ids: readonly string[]) {
  const latenciesMs: number[] = [];
  const client = createClient({
    url: `${platform.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: false,
  });
  const query =
    'subscription DeviceMeasurements($ids: [ID!]!) { measurementReceived(deviceIds: $ids) { metric value unit time device { id } } }';
  const events = client.iterate<{ measurementReceived: { time: string } }>({ query, variables: { ids } });
  const done = (async () => {
    for await (const { data } of events)
      if (data) latenciesMs.push(Date.now() - Date.parse(data.measurementReceived.time));
  })();
  return {
    async stop(): Promise<readonly number[]> {
      await events.return?.();
      await client.dispose();
      await done.catch(() => {});
      return latenciesMs.sort((a, b) => a - b);
    },
  };
}

function storm(
  platform: Platform,
  devicesFile: string,
  options: { readonly rate: number; readonly seconds: number },
): Promise<StormFigures> {
  const script = fileURLToPath(new URL('./publish-storm.ts', import.meta.url));
  const args = [
    '--port',
    platform.mqttPort,
    '--devices-file',
    devicesFile,
    '--rate',
    options.rate,
    '--seconds',
    options.seconds,
    '--values',
    5,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve(JSON.parse(text) as StormFigures) : reject(new Error(`the storm ended with ${code}`)),
    );
  });
}

/** Readings that queries see since a moment. */
async function visibleSince(platform: Platform, fromMs: number): Promise<number> {
  const query = `query ($from: DateTime!, $to: DateTime!) { zone(id: "outside") { series(metric: PM2_5, from: $from, to: $to, interval: "P1D", statistic: COUNT, quality: ALL) { points { value } } } }`;
  const range = { from: new Date(fromMs).toISOString(), to: new Date(Date.now() + 60_000).toISOString() };
  const answer = await platform.graphql(query, range);
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data.zone.series.points.reduce((sum: number, point: { value: number }) => sum + point.value, 0);
}

async function round(platform: Platform, devicesFile: string, rate: number): Promise<{ readonly held: boolean }> {
  const ids = Array.from({ length: WATCHED }, (_, index) => `bench-${index * 97}`);
  const watcher = watch(platform, ids);
  const before = await visibleSince(platform, 0);
  const cpuBefore = cpuMicroseconds(platform.pid);
  const figures = await storm(platform, devicesFile, { rate, seconds: STORM_SECONDS });
  const stormEndMs = performance.now();
  const visible = await eventually(
    'everything acknowledged to be visible',
    async () => {
      const count = (await visibleSince(platform, 0)) - before;
      return count >= figures.acknowledged ? count : undefined;
    },
    VISIBLE_WITHIN_MS * 6,
  );
  const visibleAfterMs = performance.now() - stormEndMs;
  const cpuPerReadingUs = (cpuMicroseconds(platform.pid) - cpuBefore) / figures.acknowledged;
  const latencies = await watcher.stop();
  const held = figures.rate >= rate * HELD_SHARE && visibleAfterMs <= VISIBLE_WITHIN_MS;
  const toSubscriberMs = {
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    events: latencies.length,
  };
  return {
    ...{
      rate,
      acknowledgedPerSecond: figures.rate,
      cpuPerReadingUs,
      ackMs: figures.ackMs,
      toSubscriberMs,
      visible,
      visibleAfterMs,
      residentMib: residentMib(platform.pid),
    },
    held,
  };
}

/** Figures for each rate until one is no longer held. */
export async function benchSpine(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-spine-'));
  const devicesFile = join(folder, 'devices.json');
  try {
    await using platform = await startPlatform({ env: { LOG_LEVEL: 'warn' } });
    writeFileSync(devicesFile, JSON.stringify(await registerDevices(platform)));
    await storm(platform, devicesFile, { rate: RATES[0], seconds: WARM_UP_SECONDS });
    const rounds: object[] = [];
    for (const rate of RATES) {
      const figures = await round(platform, devicesFile, rate);
      rounds.push(figures);
      if (!figures.held) break;
    }
    return { devices: DEVICES, valuesPerReading: 5, secondsPerRound: STORM_SECONDS, rounds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
