/** What no linter knows about this repository. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VARIABLES } from '@greencity/app/settings/variables';
import { ERRORS } from '@greencity/platform/errors';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** What git tracks or would track: the repository as it is committed. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path && existsSync(join(ROOT, path)));
const sources = files.filter((path) => /\.(ts|tsx|mjs)$/.test(path) && !path.includes('/generated/'));

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

describe('the repository', () => {
  it('holds no reminder of work that is not done', () => {
    const word = ['TO', 'DO'].join('');
    const pattern = new RegExp(`\\b(${word}|${['FIX', 'ME'].join('')})\\b`);
    expect(sources.filter((path) => pattern.test(read(path)))).toEqual([]);
  });

  it('runs every test it has', () => {
    const pattern = new RegExp(`\\b(it|test|describe)\\.(${['on', 'ly'].join('')}|skip)\\b`);
    const tests = sources.filter((path) => /\.(test|services|e2e|browser)\.ts$/.test(path));
    expect(tests.filter((path) => pattern.test(read(path)))).toEqual([]);
  });

  it('tests every file of domain/, beside it or by the part that uses it', () => {
    const domain = sources.filter((path) => /\/domain\/[^/]+\.ts$/.test(path) && !path.endsWith('.test.ts'));
    const tests = sources.filter((path) => path.endsWith('.test.ts')).map(read);
    const untested = domain.filter((path) => {
      const name = path.split('/').at(-1) ?? path;
      return (
        !existsSync(join(ROOT, path.replace(/\.ts$/, '.test.ts'))) && !tests.some((text) => text.includes(`/${name}'`))
      );
    });
    expect(untested).toEqual([]);
  });

  it('gives each port a contract, and runs it on each adapter', () => {
    const withContract = readdirSync(join(ROOT, 'platform')).filter((folder) =>
      existsSync(join(ROOT, 'platform', folder, 'contract.ts')),
    );
    for (const port of ['broker', 'documents', 'event-log', 'key-value', 'object-store', 'pub-sub', 'time-series']) {
      expect(withContract, `platform/${port}/contract.ts`).toContain(port);
      const runs = sources.some(
        (path) => path.startsWith(`platform/${port}/`) && path.endsWith('.test.ts') && /contract\.ts'/.test(read(path)),
      );
      expect(runs, `a contract run under platform/${port}/`).toBe(true);
    }
  });

  it('locks the packages of every system, not only of the one that the lock was made on', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, LockedPackage>> };
    const locked = (from: string, name: string): boolean => {
      if (packages[`${from}node_modules/${name}`]) return true;
      const outer = from.lastIndexOf('node_modules/', from.length - 2);
      return from !== '' && locked(outer < 0 ? '' : from.slice(0, outer), name);
    };
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !locked(path === '' ? '' : `${path}/`, name)),
    );
    expect(missing).toEqual([]);
  });

  it('explains every error code in docs/errors.md, and no other', () => {
    const explained = [...read('docs/errors.md').matchAll(/^## `([A-Z_]+)`$/gm)].map((match) => match[1]).sort();
    expect(explained).toEqual(Object.keys(ERRORS).sort());
  });

  it('explains every setting in docs/operate.md, and no other', () => {
    const explained = [...read('docs/operate.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]).sort();
    expect(explained).toEqual([...VARIABLES].sort());
  });

  it('records no address of a package host', () => {
    const locked = JSON.parse(read('package-lock.json')) as { packages: Record<string, { resolved?: string }> };
    const addressed = Object.entries(locked.packages).filter(([, entry]) => entry.resolved?.startsWith('http'));
    expect(addressed.map(([name]) => name)).toEqual([]);
  });
});
