/** The embedded event log alone: how much it makes durable, what that costs, how it is read, and how quickly it opens after kill -9. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { openEmbeddedLog } from '@greencity/platform/event-log/embedded/embedded-log';
import { type EventLog, type NewRecord, type Retention, TOPICS, type Topic } from '@greencity/platform/event-log/port';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';

const TOPIC = 'raw.measurements';
/** Key and value together: a reading of five values as ingest appends it. */
const RECORD_BYTES = 178;
const GROUP_RECORDS = 1_000;
const GROUPS = 500;
const SINGLE_RECORDS = 500_000;
const CALLERS = 5_000;
const REOPEN_RECORDS = 5_000_000;
const FILL = 'fill';

function open(folder: string): Promise<EventLog> {
  const expire: Retention = { kind: 'expire', ageMs: 7 * 86_400_000, bytesMax: 10 * 1024 ** 3 };
  const retention = Object.fromEntries(TOPICS.map((topic) => [topic, expire])) as Record<Topic, Retention>;
  return openEmbeddedLog({ folder, retention, clock: systemClock(), log: memoryLog(), metrics: memoryMetrics() });
}

const key = 'harbour';
const record = (number: number): NewRecord => ({
  key,
  value: `{"n":${number},"p":"`.padEnd(RECORD_BYTES - key.length - 2, 'x').concat('"}'),
});
const group = (from: number) => Array.from({ length: GROUP_RECORDS }, (_, index) => record(from + index));

interface Figures {
  readonly recordsPerSecond: number;
  readonly cpuMicrosecondsPerRecord: number;
  readonly eventLoopDelayMaxMs: number;
}

/** Runs work on so many records and measures it. */
async function measure(records: number, work: () => Promise<void>): Promise<Figures> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  await work();
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  return {
    recordsPerSecond: Math.round(records / seconds),
    cpuMicrosecondsPerRecord: round((user + system) / records),
    eventLoopDelayMaxMs: round(delay.max / 1e6),
  };
}

const round = (value: number) => Math.round(value * 100) / 100;

async function appendInGroups(log: EventLog): Promise<object> {
  const latenciesMs: number[] = [];
  const groups = Array.from({ length: 10 }, (_, index) => group(index * GROUP_RECORDS));
  const figures = await measure(GROUPS * GROUP_RECORDS, async () => {
    for (let count = 0; count < GROUPS; count += 1) {
      const startedMs = performance.now();
      await log.append(TOPIC, groups[count % groups.length] ?? []);
      latenciesMs.push(performance.now() - startedMs);
    }
  });
  latenciesMs.sort((a, b) => a - b);
  const percentile = (share: number) => round(latenciesMs[Math.floor(share * (latenciesMs.length - 1))] ?? 0);
  return { groupRecords: GROUP_RECORDS, ...figures, p50Ms: percentile(0.5), p99Ms: percentile(0.99) };
}

async function appendSingly(log: EventLog): Promise<object> {
  const one = [record(1)];
  let left = SINGLE_RECORDS;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await log.append(TOPIC, one);
    }
  };
  const figures = await measure(SINGLE_RECORDS, async () => {
    await Promise.all(Array.from({ length: CALLERS }, caller));
  });
  return { callers: CALLERS, ...figures };
}

async function readFromDisk(log: EventLog): Promise<object> {
  const position = { kind: 'group', group: 'bench', startAt: 'earliest' } as const;
  const records = await log.endOffset(TOPIC, 0);
  return await measure(records, async () => {
    const consumer = await log.consume({ topic: TOPIC, position, batchRecordsMax: 1_000, handle: async () => {} });
    await consumer.caughtUp();
    await consumer.close();
  });
}

/** Lets a child fill a topic and kills it in the middle of an append; then opens the folder. */
async function reopen(folder: string): Promise<object> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url), FILL, folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  const startedMs = performance.now();
  const log = await open(folder);
  const openMs = round(performance.now() - startedMs);
  const records = await log.endOffset(TOPIC, 0);
  const readMs = performance.now();
  await log.read(TOPIC, 0, Math.floor(records / 2), 100);
  const figures = { records, openMs, readFromTheMiddleMs: round(performance.now() - readMs) };
  await log.close();
  return figures;
}

async function fill(folder: string): Promise<void> {
  const log = await open(folder);
  const groups = Array.from({ length: 20 }, (_, index) => group(index * GROUP_RECORDS)).flat();
  while ((await log.endOffset(TOPIC, 0)) < REOPEN_RECORDS) await log.append(TOPIC, groups);
  process.stdout.write('full\n');
  for (;;) await log.append(TOPIC, groups);
}

/** Figures of the event log: groups of 1,000, single records from thousands of callers, reading back, opening after kill -9. */
export async function benchLog(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-bench-log-'));
  try {
    const log = await open(join(folder, 'alone'));
    const groups = await appendInGroups(log);
    const singly = await appendSingly(log);
    const fromDisk = await readFromDisk(log);
    await log.close();
    return { recordBytes: RECORD_BYTES, groups, singly, fromDisk, afterKill: await reopen(join(folder, 'killed')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === FILL) await fill(process.argv[3] ?? '');
