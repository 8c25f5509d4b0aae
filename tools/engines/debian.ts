/**
 * Engines that Debian packages. They are unpacked into the cache and not installed: no rights are needed, nothing else on the machine changes,
 * and no system service starts. apt checks the signatures of what it fetches; the major version is checked by whoever runs the program.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { findProgram, runProgram } from './program.ts';

export interface DebianProgram {
  readonly path: string;
  /** For its process: where its libraries are. */
  readonly env: Readonly<Record<string, string>>;
  /** Path of another file of the packages, as `usr/lib/…` below the architecture's library folder. */
  library(name: string): string;
}

const NEEDED = ['apt-get', 'dpkg-deb', 'dpkg'] as const;

/** Why Debian packages cannot be had here; undefined when they can. */
export function debianLacks(): string | undefined {
  const lacking = NEEDED.filter((name) => !findProgram(name));
  return lacking.length === 0
    ? undefined
    : `${lacking.join(', ')} not found: engines are unpacked from Debian packages`;
}

/** Names of the packages that would be installed for these, dependencies that this machine lacks included. */
async function closure(packages: readonly string[]): Promise<readonly string[]> {
  const planned = await runProgram('apt-get', ['install', '-s', '--no-install-recommends', ...packages]);
  const names = [...planned.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
  return [...new Set([...packages, ...names])];
}

async function fetchInto(folder: string, packages: readonly string[]): Promise<void> {
  for (const name of await closure(packages)) await runProgram('apt-get', ['download', '-qq', name], { cwd: folder });
}

/** A program from Debian's packages, unpacked on first use. @param packages the one that holds it and those it cannot do without */
export async function debianProgram(program: string, packages: readonly string[]): Promise<DebianProgram> {
  const lacking = debianLacks();
  if (lacking) throw new Error(lacking);
  const architecture = (await runProgram('dpkg', ['--print-architecture'])).trim();
  const folder = await cached(`debian-${packages.join('-')}-${architecture}`, async (target) => {
    try {
      await fetchInto(target, packages);
    } catch {
      // The lists of packages may be missing or old; renewing them takes rights that not every user has.
      await runProgram('apt-get', ['update', '-qq']);
      await fetchInto(target, packages);
    }
    const archives = (await readdir(target)).filter((name) => name.endsWith('.deb'));
    for (const archive of archives) await runProgram('dpkg-deb', ['-x', archive, target], { cwd: target });
  });
  const triplet = (await readdir(join(folder, 'usr', 'lib'))).find((name) => name.endsWith('-linux-gnu')) ?? '';
  const libraries = join(folder, 'usr', 'lib', triplet);
  const places = ['usr/bin', 'usr/sbin'].map((place) => join(folder, place, program));
  const path = places.find((place) => existsSync(place)) ?? join(folder, 'usr/bin', program);
  return { path, env: { LD_LIBRARY_PATH: libraries }, library: (name) => join(libraries, name) };
}
