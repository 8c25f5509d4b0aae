import { type DayFile, type DayFileContext, dayFile } from './day-file.ts';
import type { EngineOptions } from './engine.ts';
import type { Manifest, ManifestDay } from './manifest.ts';

/** A day as the manifest has it, with its files ready to be read. */
export interface SealedDay extends ManifestDay {
  /** In the order of the manifest. */
  readonly points: readonly DayFile[];
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
  close(): void;
}

/** Opens the days of a manifest. */
export function openSealedDays(options: EngineOptions, context: DayFileContext, manifest: Manifest): SealedDays {
  const { files, folder, tell } = options;
  const opened = new Map<string, DayFile>();
  let retired: DayFile[] = [];
  let queries = 0;
  let days: readonly SealedDay[] = [];
  let byDay = new Map<number, SealedDay>();

  function fileOf(name: string, dayMs: number): DayFile {
    let file = opened.get(name);
    if (!file) opened.set(name, (file = dayFile(context, `${folder}/${name}`, dayMs)));
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
    days = next.days.map((day) => ({ ...day, points: day.files.map((file) => fileOf(file.name, day.dayMs)) }));
    byDay = new Map(days.map((day) => [day.dayMs, day]));
    const named = new Set(next.days.flatMap((day) => day.files.map((file) => file.name)));
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
    close: () => {
      for (const file of opened.values()) file.close();
      for (const file of retired) file.close();
    },
  };
}
