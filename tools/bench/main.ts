/**
 * Prints the figures of this machine as JSON, one benchmark after the other: `npm run bench` runs all, `npm run bench -- log store` those named.
 * Load goes to 127.0.0.1 and to a temporary folder only, and ends by itself.
 */
import { cpus, loadavg, totalmem } from 'node:os';

type Benchmark = () => Promise<object>;

const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  kafka: async () => (await import('./kafka.ts')).benchKafka,
  log: async () => (await import('./log.ts')).benchLog,
  store: async () => (await import('./store.ts')).benchStore,
  influx: async () => (await import('./influx.ts')).benchInflux,
  processor: async () => (await import('./processor.ts')).benchProcessor,
  telegraf: async () => (await import('./telegraf.ts')).benchTelegraf,
  ingest: async () => (await import('./ingest.ts')).benchIngest,
  mosquitto: async () => (await import('./mosquitto.ts')).benchMosquitto,
  spine: async () => (await import('./spine.ts')).benchSpine,
  stalled: async () => (await import('./stalled.ts')).benchStalled,
  persisted: async () => (await import('./persisted.ts')).benchPersisted,
  limits: async () => (await import('./limits.ts')).benchLimits,
  idle: async () => (await import('./idle.ts')).benchIdle,
  identity: async () => (await import('./identity.ts')).benchIdentity,
};

const GIB = 1024 ** 3;

function machine(): object {
  return {
    node: process.version,
    cores: cpus().length,
    processor: cpus()[0]?.model,
    memoryGib: Math.round(totalmem() / GIB),
    loadBefore: loadavg()[0],
  };
}

async function main(): Promise<void> {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in BENCHMARKS));
  if (unknown.length > 0) {
    console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${Object.keys(BENCHMARKS).join(', ')}.`);
    process.exit(2);
  }
  const figures: Record<string, object> = { machine: machine() };
  for (const [name, load] of Object.entries(BENCHMARKS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.error(`running ${name} ...`);
    figures[name] = await (await load())();
  }
  console.log(JSON.stringify(figures, null, 2));
}

await main();
