/** The frame of a command-line program: one sentence for a mistake, and an exit code that a script can tell apart. */
import { ApiError } from './api.ts';
import { UsageError } from './where.ts';

const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

export interface Program {
  /** Printed for `--help` and below a usage error. */
  readonly usage: string;
  /** Resolves to the exit code; `signal` is aborted by Ctrl-C. A second Ctrl-C ends the process at once. */
  run(args: readonly string[], signal: AbortSignal): Promise<number>;
}

/** Runs a program with this process's arguments and sets its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted. */
export async function runProgram({ usage, run }: Program): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(INTERRUPTED);
      stop.abort();
    });
  }
  try {
    process.exitCode = await run(args, stop.signal);
  } catch (error) {
    process.exitCode = describe(error, usage);
  }
  if (stop.signal.aborted) process.exitCode = INTERRUPTED;
  process.removeAllListeners('SIGINT');
  process.removeAllListeners('SIGTERM');
}

function describe(error: unknown, usage: string): number {
  const code = (error as { code?: unknown }).code;
  if (error instanceof UsageError || (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS'))) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}\n`);
    return WRONG_USAGE;
  }
  if (error instanceof ApiError) process.stderr.write(`${error.code}: ${error.message}\n`);
  else if (typeof code === 'string') process.stderr.write(`${(error as Error).message}\n`);
  else process.stderr.write(`${(error as Error).stack}\n`);
  return FAILED;
}
