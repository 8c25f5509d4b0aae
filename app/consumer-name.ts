import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@greencity/platform/errors';

const FILE = 'mqtt-consumer';
const NAME = /^ingest-[0-9a-f]{12}$/;

/**
 * What this process is called at a broker that keeps its share of the messages while it is away. Made once for a data folder: another process has another name,
 * and a process that comes back has the one from before. @throws AppError STORE_UNWRITABLE
 */
export async function consumerName(dataDir: string): Promise<string> {
  const path = join(dataDir, FILE);
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (NAME.test(kept.trim())) return kept.trim();
  const name = `ingest-${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(`${path}.new`, `${name}\n`);
    await rename(`${path}.new`, path);
  } catch (cause) {
    throw new AppError('STORE_UNWRITABLE', path, { cause });
  }
  return name;
}
