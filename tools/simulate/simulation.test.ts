/** The simulator against a small platform. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Received, type SmallPlatform, smallPlatform, TOKEN } from '../fixtures/small-platform.ts';
import { schedule } from './schedule.ts';
import { type StartSimulationOptions, startSimulation } from './simulation.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('the moments of a node', () => {
  const minutely = schedule(MINUTE_MS);
  const nowMs = Date.UTC(2026, 10, 23, 12);

  it('are a minute apart in the last hour and five before, without overlap between calls', () => {
    const all = minutely.moments('sim-001', nowMs - 3 * HOUR_MS, nowMs);
    expect(all).toHaveLength(24 + 60);
    const steps = new Set(all.slice(1).map((timeMs, index) => timeMs - (all[index] ?? 0)));
    expect([...steps].every((step) => step % MINUTE_MS === 0 && step <= 5 * MINUTE_MS)).toBe(true);
    const sentToMs = all.at(-1) ?? 0;
    expect(minutely.moments('sim-001', sentToMs, nowMs)).toEqual([]);
    expect(minutely.moments('sim-001', sentToMs, sentToMs + MINUTE_MS)).toEqual([sentToMs + MINUTE_MS]);
  });

  it('differ between nodes, so that they do not all speak at once', () => {
    const ids = Array.from({ length: 60 }, (_, index) => `sim-${index}`);
    expect(new Set(ids.map((id) => minutely.moments(id, nowMs - MINUTE_MS, nowMs)[0])).size).toBeGreaterThan(30);
  });

  it('come due once in each interval', () => {
    const [first = 0] = minutely.moments('sim-001', nowMs, nowMs + MINUTE_MS);
    expect(minutely.due('sim-001', first - 1, first)).toBe(true);
    expect(minutely.due('sim-001', first, first + 59_999)).toBe(false);
    expect(minutely.due('sim-001', first, first + MINUTE_MS)).toBe(true);
  });
});

describe('the simulation', () => {
  let platform: SmallPlatform;
  let dataDir: string;
  let log: ReturnType<typeof memoryLog>;
  beforeEach(async () => {
    platform = await smallPlatform();
    log = memoryLog();
    dataDir = mkdtempSync(join(tmpdir(), 'greencity-simulation-'));
    writeFileSync(join(dataDir, 'operator.token'), `${TOKEN}\n`);
  });
  afterEach(async () => {
    await platform[Symbol.asyncDispose]();
    rmSync(dataDir, { recursive: true });
  });

  const NODES = 12;
  const start = (given: Partial<StartSimulationOptions> = {}) =>
    startSimulation({
      ...{ dataDir, httpPort: platform.httpPort, nodes: NODES },
      broker: { host: '127.0.0.1', port: platform.mqttPort },
      ...{ historyMs: 3 * HOUR_MS, intervalMs: 1_000, clock: systemClock(), log },
      ...given,
    });
  const ofNode = (received: readonly Received[], id: string) => received.filter(({ deviceId }) => deviceId === id);

  it('registers nodes and zones, fills in history, and goes on live', async () => {
    await using _ = await start({ historyMs: 2 * HOUR_MS, intervalMs: 10_000 });
    await platform.arrived(NODES * 100);
    expect(platform.zones.size).toBe(8);
    expect(platform.devices.size).toBe(NODES);
    expect([...platform.devices.values()].every(({ tags }) => tags.includes('simulated'))).toBe(true);
    const times = ofNode(platform.received, 'sim-001').map(({ timeMs }) => timeMs);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expect(platform.messages.some(({ topic }) => topic === 'greencity/v1/sim-001/status')).toBe(true);
  });

  it('after a restart keeps its passwords and sends only what is missing', async () => {
    const first = await start({ historyMs: HOUR_MS, intervalMs: 60_000 });
    await platform.arrived(NODES * 50);
    await first[Symbol.asyncDispose]();
    const before = platform.received.length;
    const newest = ofNode(platform.received, 'sim-001').at(-1)?.timeMs ?? 0;
    for (const device of platform.devices.values()) device.lastSeenAt = new Date(newest - 10 * MINUTE_MS).toISOString();
    const file = join(dataDir, 'simulated-devices.json');
    expect(statSync(file).mode & 0o077).toBe(0);
    const passwords = readFileSync(file, 'utf8');
    await using _ = await start({ historyMs: HOUR_MS, intervalMs: 60_000 });
    await platform.arrived(before + NODES * 8);
    expect(readFileSync(file, 'utf8')).toBe(passwords);
    expect(platform.calls).not.toContain('rotateDeviceCredentials');
    const again = ofNode(platform.received.slice(before), 'sim-001').map(({ timeMs }) => timeMs);
    expect(Math.min(...again)).toBeGreaterThan(newest - 10 * MINUTE_MS);
  });

  it('gets new credentials where the old ones are no longer taken, and lets retired nodes rest', async () => {
    const first = await start({ historyMs: MINUTE_MS });
    await platform.arrived(NODES);
    await first[Symbol.asyncDispose]();
    platform.passwords.set('sim-002', 'changed by somebody');
    const retired = platform.devices.get('sim-003');
    if (retired) retired.status = 'RETIRED';
    const before = platform.received.length;
    await using _ = await start({ historyMs: MINUTE_MS });
    await platform.arrived(before + (NODES - 2) * 50);
    const after = platform.received.slice(before);
    expect(ofNode(after, 'sim-002').length).toBeGreaterThan(0);
    expect(ofNode(after, 'sim-003')).toEqual([]);
    expect(platform.calls.filter((name) => name === 'rotateDeviceCredentials')).toHaveLength(1);
  });

  it('waits while nothing is taken, and then sends what was measured meanwhile', async () => {
    platform.refusing = true;
    await using _ = await start({ historyMs: MINUTE_MS });
    while (!log.entries.some(({ message }) => message.includes('interrupted'))) await new Promise(setImmediate);
    platform.refusing = false;
    await platform.arrived(NODES * 59);
    expect(new Set(platform.received.map(({ deviceId }) => deviceId)).size).toBe(NODES);
  });

  it('says so when the platform has left no token', async () => {
    rmSync(join(dataDir, 'operator.token'));
    await expect(start()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
