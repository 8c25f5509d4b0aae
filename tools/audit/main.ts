/** `npm run audit:federation -- --dir PATH`: the federation gateway audit of The Guild, against our planner and executor in one process. */
import { parseArgs } from 'node:util';
import { deadlines } from '@greencity/gateway/executor/deadline';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { runProgram } from '../operator/program.ts';
import { auditFolder, serveAudit } from './copy.ts';
import { type AuditTest, type Failure, failuresOf } from './suite.ts';

const FAILED = 1;
const OPERATION_MS = 10_000;
const USAGE = `Usage: npm run audit:federation -- --dir PATH [--only SUITE]

Runs a checked-out and installed copy of github.com/graphql-hive/federation-gateway-audit: its subgraphs and tests, our
planner and executor. Prints each test that fails, and at the end "N passed, N failed".

  --dir PATH     the copy
  --only SUITE   one suite, by its name`;

async function json<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as T;
}

function describe({ name, test, received }: Failure): string {
  const lines = [
    `FAILED ${name}`,
    test.query.trim(),
    `  wanted   ${JSON.stringify(test.expected)}`,
    `  received ${JSON.stringify(received)}`,
  ];
  return `${lines.join('\n')}\n\n`;
}

await runProgram({
  usage: USAGE,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { dir: { type: 'string' }, only: { type: 'string' } } });
    await using audit = await serveAudit(auditFolder(values.dir));
    using timing = deadlines(systemClock(), OPERATION_MS);
    const suites = await json<readonly string[]>(`${audit.url}/ids`);
    let passed = 0;
    let failed = 0;
    for (const suite of suites.filter((name) => values.only === undefined || name === values.only)) {
      const tests = await json<readonly AuditTest[]>(`${audit.url}/${suite}/tests`);
      const supergraph = await fetch(`${audit.url}/${suite}/supergraph`);
      const options = { supergraphSdl: await supergraph.text(), tests, deadlines: timing, log: memoryLog() };
      const failures = await failuresOf(suite, options);
      for (const failure of failures) process.stdout.write(describe(failure));
      passed += tests.length - failures.length;
      failed += failures.length;
    }
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
    return failed > 0 || passed === 0 ? FAILED : 0;
  },
});
