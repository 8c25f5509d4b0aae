/**
 * `npm run faults`: breaks one part of a city of processes after the other while devices publish, and prints the table of docs/faults.md.
 * `npm run faults -- --seconds 5 Kafka measurements` breaks those named, for 5 s each.
 */
import { parseArgs } from 'node:util';
import { startCityClient } from '../../app/e2e/city.ts';
import type { CityOptions } from '../distributed/city.ts';
import { mountSmallDisk } from '../engines/small-disk.ts';
import { startToxiproxy } from '../engines/toxiproxy.ts';
import { runProgram } from '../operator/program.ts';
import { positive, UsageError } from '../operator/where.ts';
import { type Fault, type Outcome, suffer } from './fault.ts';
import { badRoad, bucketDeleted, clockBehind, FREEZES, influxFull, KILLS, ROADS, rebalance } from './faults.ts';
import { tableOf } from './table.ts';

const FULL = 'InfluxDB full';
/** Faults of a city with one ingest, and of one with several; who joins with a wrong clock stays, so that this comes last. */
const ALONE = [...KILLS, ...FREEZES, bucketDeleted('bucket deleted')];
const SHARED = [rebalance('rebalance'), clockBehind('clock behind')];
/** Two processes of `ingest` are at work. */
const SHARING = { MQTT_CONSUMERS: 'several' };
const NAMES = [...ALONE, ...SHARED, ...ROADS, { name: FULL }].map(({ name }) => name);
const USAGE = `Usage: npm run faults [-- [--seconds N] [FAULT…]]

Starts a city of processes on real engines, breaks one part of it after the other while devices publish numbered readings, and prints
what was sent, acknowledged, found and doubled as a table. Ends with 1 when an acknowledged reading was lost or doubled, or a process ended by itself.

  --seconds N   how long a part is broken (20)
  FAULT         ${NAMES.join(', ')} (all)`;

function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { seconds: { type: 'string', default: '20' } },
  });
  const unknown = positionals.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) throw new UsageError(`No such fault: ${unknown.join(', ')}.`);
  const names = positionals.length > 0 ? positionals : NAMES;
  return { brokenMs: positive('seconds', values.seconds) * 1000, wanted: (name: string) => names.includes(name) };
}

const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);

async function inOneCity(faults: readonly Fault[], brokenMs: number, options: CityOptions = {}): Promise<Outcome[]> {
  if (faults.length === 0) return [];
  await using client = await startCityClient({ onStep: say, ...options });
  const outcomes: Outcome[] = [];
  for (const fault of faults) {
    say(`${fault.name} ...`);
    const outcome = await suffer(client, fault, brokenMs);
    outcomes.push(outcome);
    say(tableOf([outcome]).split('\n').at(-1) ?? '');
    for (const one of outcome.ended) say(`ended by itself: ${one}`);
    // What has ended by itself is not there for the next fault.
    if (outcome.ended.length > 0) break;
  }
  return outcomes;
}

async function onBadRoads(wanted: (name: string) => boolean, brokenMs: number): Promise<Outcome[]> {
  const roads = ROADS.filter(({ name }) => wanted(name));
  if (roads.length === 0) return [];
  await using proxy = await startToxiproxy();
  const faults = roads.map((road) => badRoad(road, proxy));
  return await inOneCity(faults, brokenMs, { relay: proxy.relay });
}

async function onSmallDisk(brokenMs: number): Promise<Outcome[]> {
  using disk = mountSmallDisk();
  if (!disk) return [];
  return await inOneCity([influxFull(FULL, disk)], brokenMs, { influxFolder: disk.folder });
}

await runProgram({
  usage: USAGE,
  async run(args) {
    const { brokenMs, wanted } = readArguments(args);
    const named = (faults: readonly Fault[]) => faults.filter(({ name }) => wanted(name));
    const outcomes = await inOneCity(named(ALONE), brokenMs);
    outcomes.push(...(await inOneCity(named(SHARED), brokenMs, { settings: SHARING })));
    outcomes.push(...(await onBadRoads(wanted, brokenMs)));
    if (wanted(FULL)) outcomes.push(...(await onSmallDisk(brokenMs)));
    process.stdout.write(`${tableOf(outcomes)}\n`);
    return outcomes.every(({ lost, doubled, ended }) => lost + doubled + ended.length === 0) ? 0 : 1;
  },
});
