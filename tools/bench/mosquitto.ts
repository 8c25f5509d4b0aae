/** What it costs to take readings in by way of a real Mosquitto, beside the embedded broker; and to tell it of devices. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fleetCredentials, type IngestProcess, startIngestProcess } from '@greencity/ingest/fixtures/fleet';
import { openMosquittoAccess } from '@greencity/platform/device-access/mosquitto';
import type { DeviceAccess } from '@greencity/platform/device-access/port';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { startMosquitto } from '../engines/mosquitto.ts';
import { cpuMicroseconds } from './process-usage.ts';
import { publishStorm, type StormResult } from './publish-storm.ts';

const DEVICES = 200;
const SECONDS = 4;
const WARM_SECONDS = 1;
const RATES = [12_000, 0];
const POLL_MS = 20;
const DRAIN_WITHIN_MS = 60_000;
/** Devices that the plugin knows when the next are told to it: it writes its whole file at each. */
const REGISTERED = [0, 300];
const GRANTS = 50;

interface Figures {
  readonly storm: StormResult;
  readonly ingestCpuUsPerReading: number;
  /** Of the broker outside; none for the one inside. */
  readonly mosquittoCpuUsPerReading?: number;
  /** Readings made durable a second, from the first published to the last durable. */
  readonly durableRate: number;
  readonly residentMib: number;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until so many readings more are durable; resolves to the usage then. */
async function drained(server: IngestProcess, appended: number) {
  const deadlineMs = performance.now() + DRAIN_WITHIN_MS;
  let cpuUs = 0;
  for (;;) {
    const usage = await server.usage();
    cpuUs += usage.cpuUs;
    if (usage.appended >= appended) return { ...usage, cpuUs };
    if (performance.now() > deadlineMs) throw new Error(`${usage.appended} of ${appended} readings became durable`);
    await sleep(POLL_MS);
  }
}

async function measure(server: IngestProcess, port: number, options: { rate: number; mosquittoPid?: number }) {
  const devices = fleetCredentials(DEVICES);
  const { rate, mosquittoPid } = options;
  const before = await server.usage();
  const warm = await publishStorm({ port, devices, rate, seconds: WARM_SECONDS });
  const { appended } = await drained(server, before.appended + warm.acknowledged);
  const mosquittoUs = () => (mosquittoPid === undefined ? 0 : cpuMicroseconds(mosquittoPid));
  const [startedMs, mosquittoBefore] = [performance.now(), mosquittoUs()];
  const storm = await publishStorm({ port, devices, rate, seconds: SECONDS });
  const { cpuUs, residentMib } = await drained(server, appended + storm.acknowledged);
  const readings = storm.acknowledged;
  const figures: Figures = {
    storm,
    ingestCpuUsPerReading: Number((cpuUs / readings).toFixed(2)),
    ...(mosquittoPid !== undefined && {
      mosquittoCpuUsPerReading: Number(((mosquittoUs() - mosquittoBefore) / readings).toFixed(2)),
    }),
    durableRate: Math.round(readings / ((performance.now() - startedMs) / 1_000)),
    residentMib: Math.round(residentMib),
  };
  return figures;
}

async function grantAll(access: DeviceAccess, devices: ReturnType<typeof fleetCredentials>): Promise<void> {
  for (const { username, password } of devices) {
    await access.grant(username, { text: password, hash: createHash('sha256').update(password).digest('hex') });
  }
}

/** Milliseconds to let a device in, by how many there are. */
async function measureGrants(access: DeviceAccess): Promise<object> {
  const all = fleetCredentials(Math.max(...REGISTERED) + GRANTS);
  const figures: Record<string, number> = {};
  let granted = 0;
  for (const registered of REGISTERED) {
    await grantAll(access, all.slice(granted, registered));
    const startedMs = performance.now();
    await grantAll(access, all.slice(Math.max(granted, registered), Math.max(granted, registered) + GRANTS));
    granted = Math.max(granted, registered) + GRANTS;
    figures[`with${registered}Devices`] = Number(((performance.now() - startedMs) / GRANTS).toFixed(2));
  }
  return figures;
}

/** Mosquitto, ingest and log; the same with the embedded broker; and registering. */
export async function benchMosquitto(): Promise<object> {
  await using mosquitto = await startMosquitto();
  await using access = await openMosquittoAccess({ connection: { url: mosquitto.devicesUrl }, log: memoryLog() });
  const grantMs = await measureGrants(access);
  const figures: Record<string, Figures> = {};
  for (const rate of RATES) {
    const name = rate === 0 ? 'fullSpeed' : `steady${rate}`;
    figures[`${name}ByMosquitto`] = await inFolder(async (folder) => {
      const server = await startIngestProcess(folder, DEVICES, mosquitto.ingestUrl);
      return await measure(server, mosquitto.port, { rate, mosquittoPid: mosquitto.pid ?? 0 }).finally(server.kill);
    });
    figures[`${name}Embedded`] = await inFolder(async (folder) => {
      const server = await startIngestProcess(folder, DEVICES);
      return await measure(server, server.port, { rate }).finally(server.kill);
    });
  }
  return { grantMs, ...figures };
}
