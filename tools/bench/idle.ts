/** The platform with its demo, doing nothing else: time from start to ready, and memory once it has settled. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform } from '@greencity/app/e2e/platform';
import { cpuMicroseconds, residentMib } from './process-usage.ts';

/** The collection that gives back what two days of history took comes about two minutes after them. */
const SETTLE_MS = 180_000;
const WATCH_MS = 30_000;
const SECOND_US = 1_000_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Figures: `firstReadyMs` on an empty data folder with the demo's history to come, `readyMs` on a folder that has it, `residentMib` and the CPU share once it is at rest. */
export async function benchIdle(): Promise<object> {
  const dataDir = mkdtempSync(join(tmpdir(), 'greencity-idle-'));
  try {
    const firstStartMs = performance.now();
    const first = await startPlatform({ dataDir, env: { DEMO: 'on' } });
    const firstReadyMs = performance.now() - firstStartMs;
    await pause(SETTLE_MS);
    const cpuBefore = cpuMicroseconds(first.pid);
    await pause(WATCH_MS);
    const cpuShare = (cpuMicroseconds(first.pid) - cpuBefore) / SECOND_US / (WATCH_MS / 1_000);
    const settledMib = residentMib(first.pid);
    await first.stop();
    const startMs = performance.now();
    const second = await startPlatform({ dataDir, env: { DEMO: 'on' } });
    const readyMs = performance.now() - startMs;
    await second.stop();
    return { firstReadyMs, readyMs, residentMib: settledMib, cpuShareOfOneCore: cpuShare };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
