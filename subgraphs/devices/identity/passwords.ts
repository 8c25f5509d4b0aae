import { randomBytes } from 'node:crypto';
import { AppError } from '@greencity/platform/errors';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. About 15 ms of CPU. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** How a hash of these parameters begins, in the PHC string format. */
const PREFIX = `$argon2id$v=19$m=${ARGON2ID.memoryCost},t=${ARGON2ID.timeCost},p=${ARGON2ID.parallelism}$`;
/** Hashes computed at once: 38 MiB and two threads at most. */
const AT_ONCE_MAX = 2;
/** Sign-ins that wait for a turn; one more is refused, so that a flood does not pile up. */
const WAITING_MAX = 50;
const PASSWORD_LENGTH_MAX = 256;

/** Makes and checks password hashes, a few at a time. */
export interface Passwords {
  /** @throws AppError UNAVAILABLE when too many wait. */
  hash(password: string): Promise<string>;
  /**
   * Whether this is the password. Takes as long for a null hash as for a wrong password, so that time does not tell who has an account.
   * @throws AppError UNAVAILABLE when too many wait.
   */
  matches(password: string, passwordHash: string | null): Promise<boolean>;
  /** Whether a hash was made with other parameters than today's: it is made anew when its password is at hand. */
  isOutdated(passwordHash: string): boolean;
}

/** @returns passwords, once the hash that stands in for unknown users is made */
export async function createPasswords(): Promise<Passwords> {
  const inTurn = createTurnstile();
  const standIn = await hash(randomBytes(32), ARGON2ID);
  return {
    hash: (password) => inTurn(() => hash(password, ARGON2ID)),
    async matches(password, passwordHash) {
      if (password.length > PASSWORD_LENGTH_MAX) return false;
      const same = await inTurn(() => verify(passwordHash ?? standIn, password));
      return same && passwordHash !== null;
    },
    isOutdated: (passwordHash) => !passwordHash.startsWith(PREFIX),
  };
}

function createTurnstile(): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= AT_ONCE_MAX) {
      if (waiting.length >= WAITING_MAX) throw new AppError('UNAVAILABLE', 'too many people sign in at once');
      // Whoever ends hands its turn over: `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
