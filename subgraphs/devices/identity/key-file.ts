import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';
import { z } from 'zod';

/** A key pair as the file holds it. */
export interface KeptKey {
  /** PKCS #8 PEM of the private key. */
  readonly pem: string;
  readonly signsFromMs: number;
}

const FILE = 'access-tokens.json';
/** A single key, as earlier versions kept it. */
const EARLIER_FILE = 'access-tokens.pem';
const OWNER_ONLY = 0o600;
const OTHERS = 0o077;
const FORMAT = z.strictObject({
  v: z.literal(1),
  keys: z.array(z.strictObject({ pem: z.string(), signsFromMs: z.int() })),
});

/** The signing keys in `<dataDir>/keys`, readable by their owner only. */
export interface KeyFile {
  /** Empty before the first start. @throws AppError STORE_CORRUPT */
  read(): Promise<readonly KeptKey[]>;
  /** Whole or not at all, also in a crash. */
  write(keys: readonly KeptKey[]): Promise<void>;
}

export function keyFile(dataDir: string, log: Logger): KeyFile {
  const folder = join(dataDir, 'keys');
  const path = join(folder, FILE);
  return {
    async read() {
      const text = await readOwn(path, log);
      if (text !== undefined) return parsed(text, path);
      const pem = await readOwn(join(folder, EARLIER_FILE), log);
      return pem === undefined ? [] : [{ pem, signsFromMs: 0 }];
    },
    async write(keys) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const temporary = `${path}.new`;
      await rm(temporary, { force: true });
      {
        await using file = await open(temporary, 'wx', OWNER_ONLY);
        await file.writeFile(`${JSON.stringify({ v: 1, keys })}\n`);
        await file.sync();
      }
      await rename(temporary, path);
      await rm(join(folder, EARLIER_FILE), { force: true });
      await using directory = await open(folder, 'r');
      await directory.sync();
    },
  };
}

async function readOwn(path: string, log: Logger): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    if ((await stat(path)).mode & OTHERS && process.platform !== 'win32') {
      log.warn({ path }, 'the signing keys could be read by others; their mode was changed to 0600');
      await chmod(path, OWNER_ONLY);
    }
    return text;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

function parsed(text: string, path: string): readonly KeptKey[] {
  try {
    return FORMAT.parse(JSON.parse(text)).keys;
  } catch (cause) {
    throw new AppError('STORE_CORRUPT', `${path} holds no signing keys`, { cause });
  }
}
