/**
 * Every check, cheapest first; stops at the first stage that fails. `npm test` runs all but those that are left to CI; `npm test -- unit e2e` only the stages named.
 * Ends with "N passed, N failed".
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.ts';
import { missingForEngines } from './engines/missing.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

interface Stage {
  readonly name: string;
  /** Takes engines, programs or minutes that not everybody has: run where CI is set, and when asked for by name. */
  readonly inCi?: true;
  run(): Promise<Outcome>;
}

/** Runs a program with our standard streams; resolves to its exit code. */
function execute(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** A check that passes or fails as one. */
function check(name: string, command: string, args: readonly string[]): Stage {
  return {
    name,
    run: async () => ((await execute(command, args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }),
  };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
}

/** One vitest project; a file that cannot be loaded counts as a failure. */
function vitest(project: string): Stage {
  return {
    name: project,
    run: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'greencity-test-'));
      const report = join(folder, 'report.json');
      try {
        const code = await execute(process.execPath, [
          ...['--disable-warning=ExperimentalWarning', 'node_modules/vitest/vitest.mjs', 'run', '--project', project],
          ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
        ]);
        const counts = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
        const failed = Math.max(counts.numFailedTests, counts.numFailedTestSuites > 0 || code !== 0 ? 1 : 0);
        return { passed: counts.numPassedTests, failed };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** The browser stage; without a Chromium it is skipped loudly, and in CI that is a failure. */
function browser(): Stage {
  const stage = vitest('browser');
  return {
    name: stage.name,
    run: async () => {
      if (await findChromium({ install: true })) return await stage.run();
      console.log(
        '\nSKIPPED: the browser tests. No Chromium here, and it could not be installed; install the package "chromium" to run them.\n',
      );
      return { passed: 0, failed: process.env['CI'] ? 1 : 0 };
    },
  };
}

/** Tests on the real engines; where one cannot be started here they are skipped loudly, and in CI, or when asked for by name, that is a failure. */
function services(): Stage {
  const stage = vitest('services');
  return {
    name: stage.name,
    run: async () => {
      const missing = missingForEngines();
      if (missing.length === 0) return await stage.run();
      console.log(`\nSKIPPED: the tests on real engines. ${missing.join('. ')}.\n`);
      return { passed: 0, failed: process.env['CI'] || process.argv.includes(stage.name) ? 1 : 0 };
    },
  };
}

const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name);

const STAGES: readonly Stage[] = [
  check('boundaries', process.execPath, ['tools/boundaries.ts']),
  check('lint', bin('biome'), ['check', '--error-on-warnings']),
  check('types', bin('tsc'), ['-p', '.']),
  check('types of web/', bin('tsc'), ['-p', 'web']),
  check('generated files', process.execPath, ['tools/generate.ts', '--check']),
  check('unused code', process.execPath, ['node_modules/knip/bin/knip.js', '--no-progress']),
  vitest('unit'),
  { ...vitest('fuzz'), inCi: true },
  { ...services(), inCi: true },
  vitest('e2e'),
  browser(),
  { ...check('audit of HTTP', process.execPath, ['tools/http-audit/main.ts']), inCi: true },
  { ...check('audit of attacks', process.execPath, ['tools/attacks/main.ts']), inCi: true },
];

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !STAGES.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    console.error(`No such stage: ${unknown.join(', ')}. There are: ${STAGES.map((stage) => stage.name).join(', ')}.`);
    process.exit(2);
  }
  let passed = 0;
  let failed = 0;
  const later = STAGES.filter(({ inCi }) => wanted.length === 0 && inCi && !process.env['CI']);
  const chosen = STAGES.filter((stage) => (wanted.length === 0 ? !later.includes(stage) : wanted.includes(stage.name)));
  for (const stage of chosen) {
    const startedMs = performance.now();
    console.log(`\n== ${stage.name}`);
    const outcome = await stage.run();
    passed += outcome.passed;
    failed += outcome.failed;
    console.log(
      `== ${stage.name}: ${outcome.passed} passed, ${outcome.failed} failed, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`,
    );
    if (outcome.failed > 0) break;
  }
  if (later.length > 0) {
    console.log(`\nLeft to CI, or to npm test -- NAME: ${later.map(({ name }) => `"${name}"`).join(', ')}.`);
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}

await main();
