import { type DayFile, type DayFileContext, dayFile } from './day-file.ts';
import type { EngineOptions } from './engine.ts';
import { type Manifest, type ManifestDay, namesIn } from './manifest.ts';
import { type RollupFile, rollupFile } from './rollup-file.ts';

/** A day as the manifest has it, with its files ready to be read. */
export interface SealedDay extends ManifestDay {
  /** In the order of the manifest. */
  readonly points: readonly DayFile[];
  /** What the first of them held, hour by hour; stays when that has expired. */
  readonly rolledUp: RollupFile | undefined;
}

/** The sealed part of the store: what its files are now, and those that a running query still reads. */
export interface SealedDays {
  /** Oldest first; a new list after each change, so that a query keeps the one it began with. */
  all(): readonly SealedDay[];
  day(dayMs: number): SealedDay | undefined;
  /** Follows a new manifest. Files it no longer names are removed when no query is running. */
  follow(manifest: Manifest): void;
  /** A query begins; files that it may read stay until it is disposed. */
  hold(): Disposable;
  /** True while a query is running. */
  isHeld(): boolean;
  /** Metric number of a series. */
  metricOf(series: number): number;
  close(): void;
}

/** Opens the days of a manifest. */
export function openSealedDays(options: EngineOptions, context: DayFileContext, manifest: Manifest): SealedDays {
  const { files, folder, tell } = options;
  const opened = new Map<string, DayFile | RollupFile>();
  let retired: (DayFile | RollupFile)[] = [];
  let queries = 0;
  let days: readonly SealedDay[] = [];
  let byDay = new Map<number, SealedDay>();

  function fileOf<T extends DayFile | RollupFile>(
    open: (context: DayFileContext, path: string, dayMs: number) => T,
    name: string,
    dayMs: number,
  ): T {
    const known = opened.get(name);
    if (known) return known as T;
    const file = open(context, `${folder}/${name}`, dayMs);
    opened.set(name, file);
    return file;
  }
  function removeRetired(): void {
    if (queries > 0) return;
    for (const file of retired) {
      file.close();
      try {
        files.remove(file.path);
      } catch (cause) {
        tell('warn', { file: file.path, cause: String(cause) }, 'could not remove a file of the time-series store');
      }
    }
    retired = [];
  }
  function follow(next: Manifest): void {
    days = next.days.map((day) => ({
      ...day,
      points: day.files.map((file) => fileOf(dayFile, file.name, day.dayMs)),
      rolledUp: day.rollup && fileOf(rollupFile, day.rollup.name, day.dayMs),
    }));
    byDay = new Map(days.map((day) => [day.dayMs, day]));
    const named = namesIn(next);
    for (const [name, file] of opened) {
      if (named.has(name)) continue;
      opened.delete(name);
      retired.push(file);
    }
    removeRetired();
  }

  follow(manifest);
  return {
    all: () => days,
    day: (dayMs) => byDay.get(dayMs),
    follow,
    hold: () => {
      queries++;
      return {
        [Symbol.dispose]: () => {
          queries--;
          removeRetired();
          for (const file of opened.values()) file.rest();
        },
      };
    },
    isHeld: () => queries > 0,
    metricOf: context.metricOf,
    close: () => {
      for (const file of opened.values()) file.close();
      for (const file of retired) file.close();
    },
  };
}
