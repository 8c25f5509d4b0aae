/**
 * Builds `influxd` from its Go modules and the Rust crates inside them, for tests and benchmarks.
 * `node tools/node24.mjs tools/engines/influx-build.ts` prints the path of the program. From cold: a quarter of an hour of CPU, 3 GB of disk while it runs.
 */
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from './cache.ts';
import { findProgram, runProgram } from './program.ts';

const VERSION = '2.7.12';
/** The module that pins every source by its sum; the Rust crates are pinned by the lock file inside one of them. */
const MODULE = fileURLToPath(new URL('./influxd', import.meta.url));
const NEEDED = ['go', 'cargo', 'rustc', 'gcc', 'pkg-config'] as const;

/** Flux denies warnings, and newer compilers have more of them. Flags for the target do not reach what its build script links, so the compiler itself is wrapped. */
const LENIENT_RUSTC = `#!/bin/sh
case " $* " in
  *" --cap-lints "*) exec "$@" ;;
  *" --crate-name "*) exec "$@" --cap-lints allow ;;
  *) exec "$@" ;;
esac
`;

/** Why InfluxDB cannot be built here; undefined when it can. */
export function influxLacks(): string | undefined {
  const lacking = NEEDED.filter((name) => !findProgram(name));
  return lacking.length === 0 ? undefined : `${lacking.join(', ')} not found: InfluxDB is built from source`;
}

/** Path of an `influxd` of the pinned version, built when the cache has none. */
export async function influxd(): Promise<string> {
  const folder = await cached(`influxd-${VERSION}`, async (target) => {
    const lacking = influxLacks();
    if (lacking) throw new Error(lacking);
    await build(target);
  });
  return join(folder, 'influxd');
}

async function build(target: string): Promise<void> {
  const work = join(target, 'build');
  const below = (name: string) => join(work, name);
  await mkdir(work, { recursive: true });
  await cp(MODULE, below('module'), { recursive: true });
  await writeFile(below('rustc-lenient'), LENIENT_RUSTC);
  await chmod(below('rustc-lenient'), 0o755);
  const env: Record<string, string> = buildEnvironment(work);
  const go = (...args: string[]) => runProgram('go', args, { cwd: below('module'), env });
  console.error(`Building InfluxDB ${VERSION}, once. This takes a quarter of an hour or more.`);
  await go('build', '-o', below('pkg-config-flux'), 'github.com/influxdata/pkg-config');
  env['PKG_CONFIG'] = below('pkg-config-flux');
  const version = `-s -w -X main.version=v${VERSION}`;
  // Without the tag "assets" the server has no pages of its own, which would be a download.
  const tags = 'sqlite_foreign_keys,sqlite_json';
  const program = 'github.com/influxdata/influxdb/v2/cmd/influxd';
  await go('build', '-tags', tags, '-ldflags', version, '-o', join(target, 'influxd'), program);
  // Go keeps its modules read-only, so that it alone can remove them.
  await go('clean', '-modcache');
  await rm(work, { recursive: true, force: true });
}

function buildEnvironment(work: string): Record<string, string> {
  const jobs = String(availableParallelism());
  return {
    GOPATH: join(work, 'go'),
    GOMODCACHE: join(work, 'go', 'mod'),
    GOCACHE: join(work, 'go', 'cache'),
    GOFLAGS: `-mod=readonly -buildvcs=false -p=${jobs}`,
    CARGO_HOME: join(work, 'cargo'),
    CARGO_BUILD_JOBS: jobs,
    // Flux names an old toolchain, which would be fetched; the one that is here will do.
    RUSTUP_TOOLCHAIN: process.env['RUSTUP_TOOLCHAIN'] ?? 'stable',
    RUSTC_WRAPPER: join(work, 'rustc-lenient'),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await influxd());
