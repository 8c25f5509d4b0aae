/**
 * The gateway beside its peers: `npm run bench:gateway` measures everything, `npm run bench:gateway -- join fan-out` the parts named. Prints the figures
 * as JSON, and a table of them to stderr. Peers are installed from npm under `.cache/` the first time. Linux only: CPU time is read from /proc.
 */
import { cpus, loadavg, totalmem } from 'node:os';
import { PEER_PACKAGES } from './peers.ts';
import type { Finding, Row } from './row.ts';

const ROWS: Readonly<Record<string, () => Promise<() => Promise<Row>>>> = {
  join: async () => (await import('./join.ts')).benchJoin,
  shop: async () => (await import('./join.ts')).benchShop,
  planning: async () => (await import('./planning.ts')).benchPlanning,
  'fan-out': async () => (await import('./fan-out.ts')).benchFanOut,
  tiles: async () => (await import('./tiles.ts')).benchTiles,
};

const GIB = 1024 ** 3;

function printTable(findings: readonly Finding[]): void {
  const lines = findings.map(({ what, figure, goal, met }) => [what, figure, goal, met ? 'met' : 'missed']);
  const table = [['what', 'figure', 'goal', ''], ...lines];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  for (const line of table) console.error(line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

async function main(): Promise<void> {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in ROWS));
  if (unknown.length > 0) {
    console.error(`No such part: ${unknown.join(', ')}. There are: ${Object.keys(ROWS).join(', ')}.`);
    process.exit(2);
  }
  const machine = {
    node: process.version,
    cores: cpus().length,
    processor: cpus()[0]?.model,
    memoryGib: Math.round(totalmem() / GIB),
    loadBefore: loadavg()[0],
  };
  const figures: Record<string, object> = {};
  const findings: Finding[] = [];
  for (const [name, open] of Object.entries(ROWS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.error(`measuring ${name} ...`);
    try {
      const row = await (await open())();
      figures[name] = row;
      findings.push(...row.findings);
    } catch (error) {
      // The others are measured all the same.
      console.error(error);
      process.exitCode = 1;
    }
  }
  printTable(findings);
  console.log(JSON.stringify({ date: new Date().toISOString(), machine, peers: PEER_PACKAGES, ...figures }, null, 2));
}

await main();
