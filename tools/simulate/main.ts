/** `npm run simulate`: an invented city, sent to a platform as if it were there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { jsonLog } from '@greencity/platform/log/json-log';
import { openApi } from '../operator/api.ts';
import { brokerAddress } from '../operator/mqtt-session.ts';
import { runProgram } from '../operator/program.ts';
import { findPlatform, positive, UsageError, WHERE_OPTIONS, WHERE_USAGE } from '../operator/where.ts';
import { simulate } from './simulation.ts';

const USAGE = `Usage: npm run simulate -- [--nodes N] [--seed N] [--interval SECONDS] [--history LENGTH]

Sends the readings of an invented city until Ctrl-C. Its devices (sim-001 ...) and zones carry the word "simulated".

  --nodes N         how many nodes (300)
  --seed N          another seed is another city (42)
  --interval S      seconds between two readings of a node (60)
  --history LENGTH  history that nodes without any begin with, as 48h, 90m or 2d (48h)
${WHERE_USAGE}`;

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const REPORT_EVERY_MS = 10_000;
const NODES_MAX = 5_000;

function lengthMs(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([mhd])$/.exec(text) ?? [];
  if (text === '0') return 0;
  const unitMs = UNIT_MS[unit];
  if (amount === undefined || unitMs === undefined)
    throw new UsageError(`--history must look like 48h, 90m or 2d, not "${text}".`);
  return Number(amount) * unitMs;
}

function whole(name: string, text: string, highest: number): number {
  const value = positive(name, text);
  if (Number.isInteger(value) && value <= highest) return value;
  throw new UsageError(`--${name} must be a whole number up to ${highest}, not "${text}".`);
}

function readArguments(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...WHERE_OPTIONS,
      nodes: { type: 'string', default: '300' },
      seed: { type: 'string', default: '42' },
      interval: { type: 'string', default: '60' },
      history: { type: 'string', default: '48h' },
    },
  });
  return {
    where: values,
    nodes: whole('nodes', values.nodes, NODES_MAX),
    seed: whole('seed', values.seed, 2 ** 31 - 1),
    intervalMs: positive('interval', values.interval) * 1000,
    historyMs: lengthMs(values.history),
  };
}

await runProgram({
  usage: USAGE,
  async run(args, signal) {
    const { where, ...city } = readArguments(args);
    const { url, mqttUrl, credentials } = findPlatform(where, process.env);
    const api = openApi(url, credentials);
    // A platform that is not there, or does not know us, is a mistake at the start and not something to wait for.
    await api.call('query Viewer { viewer { role } }');
    const clock = systemClock();
    const log = jsonLog({ level: 'info', format: 'text', write: (line) => void process.stderr.write(line) });
    let sent = 0;
    using _ = clock.every(REPORT_EVERY_MS, () => log.info({ readings: sent }, 'acknowledged so far'));
    const dataDir = process.env['DATA_DIR'] || './data';
    await simulate({
      ...city,
      api,
      broker: brokerAddress(mqttUrl),
      credentialsFile: existsSync(dataDir) ? join(dataDir, 'simulated-devices.json') : undefined,
      clock,
      log,
      signal,
      onSent: (readings) => {
        sent += readings;
      },
    });
    process.stdout.write(`${sent.toLocaleString('en')} readings acknowledged.\n`);
    return 0;
  },
});
