/** What it costs to take readings in: MQTT, validation, the durable append and the acknowledgement, nothing behind it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fleetCredentials, startIngestProcess } from '@greencity/ingest/fixtures/fleet';
import { publishStorm, type StormOptions, type StormResult } from './publish-storm.ts';

const SECONDS = 4;
const WARM_SECONDS = 2;

interface Load {
  readonly devices: number;
  /** 0 is as fast as acknowledged. */
  readonly rate: number;
}

/** One reading a message, from many devices at the promised rate, from few, and as fast as it goes. */
const LOADS: Readonly<Record<string, Load>> = {
  steady12000From200Devices: { devices: 200, rate: 12_000 },
  steady12000From20Devices: { devices: 20, rate: 12_000 },
  fullSpeedFrom200Devices: { devices: 200, rate: 0 },
};

interface Figures extends StormResult {
  /** CPU of the whole process, all threads, microseconds a reading. */
  readonly cpuUsPerReading: number;
  readonly residentMib: number;
}

async function measure({ devices, rate }: Load): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-bench-'));
  try {
    const server = await startIngestProcess(folder, devices);
    try {
      const storm: StormOptions = {
        port: server.port,
        devices: fleetCredentials(devices),
        rate,
        seconds: WARM_SECONDS,
      };
      await publishStorm(storm);
      await server.usage();
      const result = await publishStorm({ ...storm, seconds: SECONDS });
      const { cpuUs, residentMib } = await server.usage();
      const cpuUsPerReading = Number((cpuUs / result.acknowledged).toFixed(2));
      return { ...result, cpuUsPerReading, residentMib: Math.round(residentMib) };
    } finally {
      await server.kill();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** CPU and rate of broker, ingest and log alone. */
export async function benchIngest(): Promise<object> {
  const figures: Record<string, Figures> = {};
  for (const [name, load] of Object.entries(LOADS)) figures[name] = await measure(load);
  return figures;
}
