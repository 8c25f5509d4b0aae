/** Schemathesis, a tester that makes calls from an API's own description: https://schemathesis.readthedocs.io (MIT). Kept in a cache once it is installed. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../engines/cache.ts';

const VERSION = '4.32.5';
/** Where schemathesis.toml is, which names our hooks. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = 20;

/** Runs a program with our output; resolves to its exit code, undefined when there is no such program. */
function execute(command: string, args: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], cwd: ROOT });
    child.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(undefined) : reject(error)));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** The interpreter of an installed Schemathesis, or why there is none. */
export async function findSchemathesis(): Promise<{ readonly python: string } | { readonly missing: string }> {
  const recent = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  if ((await execute('python3', ['-c', recent])) !== 0)
    return { missing: 'there is no Python of 3.10 or later with venv' };
  const filled = cached(`schemathesis-${VERSION}`, async (empty) => {
    const made = await execute('python3', ['-m', 'venv', empty]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`];
    const installed = made === 0 ? await execute(join(empty, 'bin', 'python'), pip) : made;
    if (installed !== 0) throw new Error(`Schemathesis ${VERSION} could not be installed`);
  });
  return await filled.then(
    (folder) => ({ python: join(folder, 'bin', 'python') }),
    (error: Error) => ({ missing: error.message }),
  );
}

export interface SchemathesisRun {
  /** The description to test by: an OpenAPI document, or a GraphQL endpoint. */
  readonly url: string;
  readonly token?: string | undefined;
  readonly seed: number;
}

/** Tests an API with every check there is. Resolves to whether none failed. */
export async function runSchemathesis(python: string, { url, token, seed }: SchemathesisRun): Promise<boolean> {
  const signedIn = token === undefined ? [] : ['-H', `Authorization: Bearer ${token}`];
  const code = await execute(python, [
    ...['-m', 'schemathesis.cli', 'run', url, '--checks', 'all', '--max-examples', String(EXAMPLES)],
    ...['--seed', String(seed), '--no-color', ...signedIn],
  ]);
  return code === 0;
}
