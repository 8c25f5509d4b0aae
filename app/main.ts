/** Starts GreenCity: every part in this process, or the roles that are named. Ends with 1 and one sentence when it cannot start. */
import { access, constants } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AppError } from '@greencity/platform/errors';
import { processConfig } from './config.ts';
import { ALL_ROLES, ROLES, rolesNamed } from './roles.ts';

const USAGE = `Usage: npm start [-- [ROLE…] [--replay FILE [--speed N] [--original-time] [--until-end]]]

  ROLE              ${ROLES.join(', ')}: this process has these roles alone

  --replay FILE     feeds a Sensor.Community CSV (plain or .gz) instead of the simulated city
  --speed N         N times real time; without it as fast as possible
  --original-time   keeps the times of the file; without it they are shifted so that the data ends now
  --until-end       stops replaying at the end of the file

Settings are environment variables; docs/operate.md lists them.`;

/** The command line. @throws AppError BAD_SETTING */
function readArguments(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        replay: { type: 'string' },
        speed: { type: 'string' },
        'original-time': { type: 'boolean' },
        'until-end': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    const roles = rolesNamed(positionals);
    if (values.replay !== undefined && roles !== ALL_ROLES) {
      throw new AppError(
        'BAD_SETTING',
        '--replay is for a process with all roles; `npm run replay` feeds any platform',
      );
    }
    return { values, roles };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('BAD_SETTING', `${(cause as Error).message}\n\n${USAGE}`, { cause });
  }
}

/** @throws AppError BAD_SETTING */
async function assertReadable(file: string): Promise<void> {
  await access(file, constants.R_OK).catch((cause: Error) => {
    throw new AppError('BAD_SETTING', `--replay must name a file that can be read: ${cause.message}`, { cause });
  });
}

let started = false;

async function main(): Promise<void> {
  const { values, roles } = readArguments(process.argv.slice(2));
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const config = processConfig();
  if (values.replay !== undefined) await assertReadable(values.replay);
  const { runPlatform } = await import('./run.ts');
  const { replay: file, ...flags } = values;
  const feed = file === undefined ? undefined : { file, ...flags };
  await runPlatform({ config, roles, replay: feed }, () => {
    started = true;
  });
}

/** What went wrong first: what fails while everything is closed because of it hides it. */
function firstFailure(error: unknown): unknown {
  return error instanceof SuppressedError ? firstFailure(error.suppressed) : error;
}

// What is kept holds positions of private homes and hashes of secrets: whatever this process makes is for its own account.
process.umask(0o077);
try {
  await main();
} catch (failure) {
  const error = firstFailure(failure);
  const sentence = error instanceof AppError ? `${error.code}: ${error.message}` : `${(error as Error).stack}`;
  process.stderr.write(`GreenCity did not ${started ? 'stop in order' : 'start'}. ${sentence}\n`);
  process.exitCode = 1;
}
