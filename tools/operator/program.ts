/** The frame of a command-line program: one sentence for a mistake, and an exit code that a script can tell apart. */
import { ApiError } from './api.ts';
import { UsageError } from './where.ts';

const FAILED = 1;
const WRONG_USAGE = 2;
/** For `run` to give when Ctrl-C ended it before it was done. */
export const INTERRUPTED = 130;

export interface Program {
  /** Printed for `--help` and below a usage error. */
  readonly usage: string;
  /** Resolves to the exit code; `signal` is aborted by Ctrl-C and SIGTERM. A second signal ends the process at once. */
  run(args: readonly string[], signal: AbortSignal): Promise<number>;
}

/** Runs a program with this process's arguments and sets its exit code: 0 done or asked to end by SIGTERM, 1 failed, 2 wrong usage, 130 interrupted. */
export async function runProgram({ usage, run }: Program): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort(name);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const code = await run(args, stop.signal);
    process.exitCode = code === INTERRUPTED && stop.signal.reason === 'SIGTERM' ? 0 : code;
  } catch (error) {
    process.exitCode = describe(error, usage);
  }
  process.off('SIGINT', onSignal);
  process.off('SIGTERM', onSignal);
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
