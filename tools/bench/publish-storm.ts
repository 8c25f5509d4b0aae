/**
 * Publishes readings as fast as asked and counts acknowledgements: the load for every benchmark that begins at MQTT.
 *
 *   node24 tools/bench/publish-storm.ts --port P --devices-file FILE [--rate R] [--seconds S] [--values 5] [--window 64] [--connections N] [--host H] [--boot-id B]
 *
 * FILE is a JSON array of `{ "username", "password" }`; `--rate` is readings a second over all devices, 0 as fast as acknowledged.
 * Prints one line of JSON and ends: with 1 when a message was not acknowledged within five seconds of the last one sent.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { latencies } from './storm/latencies.ts';
import { type Credentials, openSender, type Sender } from './storm/sender.ts';

const TICK_MS = 5;
const DRAIN_MS = 5_000;

export interface StormOptions {
  readonly host?: string;
  readonly port: number;
  readonly devices: readonly Credentials[];
  /** Readings a second over all devices; 0 is as fast as acknowledged. */
  readonly rate: number;
  readonly seconds: number;
  readonly values?: number;
  readonly window?: number;
  readonly bootId?: number;
}

export interface StormResult {
  readonly devices: number;
  readonly seconds: number;
  readonly sent: number;
  readonly acknowledged: number;
  /** Acknowledged readings a second while the storm lasted. */
  readonly rate: number;
  readonly ackMs: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
  /** CPU of the generator itself, microseconds a reading. */
  readonly generatorUsPerReading: number;
}

/** Runs a storm in a child process of its own. @throws Error when the storm failed */
export async function publishStorm(options: StormOptions): Promise<StormResult> {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-storm-'));
  try {
    const file = join(folder, 'devices.json');
    writeFileSync(file, JSON.stringify(options.devices), { mode: 0o600 });
    const numbers = { port: options.port, rate: options.rate, seconds: options.seconds, values: options.values ?? 5 };
    const args = Object.entries({ ...numbers, window: options.window ?? 64, 'boot-id': options.bootId ?? 1 });
    return await runChild([
      ...args.flatMap(([name, value]) => [`--${name}`, String(value)]),
      ...['--host', options.host ?? '127.0.0.1', '--devices-file', file],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runChild(args: readonly string[]): Promise<StormResult> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url), ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  const line = output.trim().split('\n').at(-1);
  if (!line) throw new Error('the storm ended without a result');
  return JSON.parse(line) as StormResult;
}

interface Running {
  readonly senders: readonly Sender[];
  readonly rate: number;
  readonly endMs: number;
}

/** As fast as acknowledgements make room. */
async function unpaced({ senders, endMs }: Running): Promise<void> {
  for (const sender of senders) {
    const fill = () => {
      if (performance.now() < endMs) sender.send(Number.MAX_SAFE_INTEGER);
    };
    sender.onRoom(fill);
    fill();
  }
  await new Promise((resolve) => setTimeout(resolve, endMs - performance.now()));
}

/** At a steady rate, device after device; what a full window holds back is sent as soon as it may be. */
async function paced({ senders, rate, endMs }: Running): Promise<void> {
  const startMs = performance.now();
  let sent = 0;
  let turn = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const nowMs = performance.now();
      const due = Math.floor(((Math.min(nowMs, endMs) - startMs) / 1000) * rate);
      let full = 0;
      while (sent < due && full < senders.length) {
        const done = senders[turn]?.send(1) ?? 0;
        turn = (turn + 1) % senders.length;
        sent += done;
        full = done > 0 ? 0 : full + 1;
      }
      if (nowMs < endMs) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
}

const total = (senders: readonly Sender[], read: (sender: Sender) => number) =>
  senders.reduce((sum, sender) => sum + read(sender), 0);

async function drained(senders: readonly Sender[]): Promise<void> {
  const endMs = performance.now() + DRAIN_MS;
  while (performance.now() < endMs) {
    if (senders.every((sender) => sender.acknowledged() === sender.sent())) return;
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string' },
      'devices-file': { type: 'string' },
      rate: { type: 'string', default: '0' },
      seconds: { type: 'string', default: '5' },
      values: { type: 'string', default: '5' },
      window: { type: 'string', default: '64' },
      connections: { type: 'string' },
      'boot-id': { type: 'string', default: '1' },
    },
  });
  const file = values['devices-file'];
  if (!file || !values.port) throw new Error('--port and --devices-file must be given');
  const all = JSON.parse(readFileSync(file, 'utf8')) as readonly Credentials[];
  const devices = all.slice(0, values.connections ? Number(values.connections) : all.length);
  const noted = latencies();
  const open = (credentials: Credentials) =>
    openSender({
      host: values.host,
      port: Number(values.port),
      credentials,
      bootId: Number(values['boot-id']),
      values: Number(values.values),
      window: Number(values.window),
      latencies: noted,
      nowMs: () => performance.now(),
    });
  const senders = await Promise.all(devices.map(open));
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const running: Running = { senders, rate: Number(values.rate), endMs: startMs + Number(values.seconds) * 1000 };
  await (running.rate > 0 ? paced(running) : unpaced(running));
  const duringS = (performance.now() - startMs) / 1000;
  const during = total(senders, (sender) => sender.acknowledged());
  await drained(senders);
  const { user, system } = process.cpuUsage(cpu);
  const sent = total(senders, (sender) => sender.sent());
  const acknowledged = total(senders, (sender) => sender.acknowledged());
  const share = (of: number) => noted.percentile(of);
  const result: StormResult = {
    devices: devices.length,
    seconds: Number(duringS.toFixed(3)),
    sent,
    acknowledged,
    rate: Math.round(during / duringS),
    ackMs: { p50: share(0.5), p90: share(0.9), p99: share(0.99), max: share(1) },
    generatorUsPerReading: Number(((user + system) / Math.max(sent, 1)).toFixed(2)),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  for (const sender of senders) sender.close();
  if (acknowledged < sent) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
