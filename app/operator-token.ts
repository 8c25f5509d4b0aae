/** The file by which programs on this machine may act as an operator. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Devices } from '@greencity/devices/service';
import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';

export interface OperatorTokenOptions {
  readonly dataDir: string;
  readonly devices: Pick<Devices, 'issueOperatorToken' | 'authenticate'>;
  readonly clock: Clock;
  readonly log: Logger;
}

const DAY_MS = 86_400_000;
/** Longer than any sensible replay; made anew at each start, and when it ends. */
const VALID_MS = 30 * DAY_MS;
/** How soon after its key was revoked there is another: well within the time in which everybody else learns of it. */
const LOOK_EVERY_MS = 5_000;
const OWNER_ONLY = 0o600;

/** Keeps a token that is good in `operator.token`: when its key was revoked or its time is over, another takes its place. @throws AppError STORE_UNWRITABLE */
export async function keepOperatorToken({ dataDir, devices, clock, log }: OperatorTokenOptions): Promise<Disposable> {
  const path = join(dataDir, 'operator.token');
  const write = async (): Promise<string> => {
    const token = await devices.issueOperatorToken(VALID_MS);
    try {
      // Whole or not there, and never readable by others.
      rmSync(`${path}.new`, { force: true });
      writeFileSync(`${path}.new`, token, { mode: OWNER_ONLY });
      renameSync(`${path}.new`, path);
    } catch (cause) {
      throw new AppError('STORE_UNWRITABLE', path, { cause });
    }
    return token;
  };
  let token = await write();
  const looking = clock.every(LOOK_EVERY_MS, async () => {
    try {
      await devices.authenticate(token);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'UNAUTHENTICATED')) return;
      try {
        token = await write();
        log.info({ path }, 'the operator token had ended and was renewed');
      } catch (cause) {
        log.warn({ error: cause }, 'the operator token has ended and could not be renewed, will try again');
      }
    }
  });
  return {
    [Symbol.dispose]() {
      looking[Symbol.dispose]();
      rmSync(path, { force: true });
    },
  };
}
