/** What was read and unpacked from files, kept while there is room: the entry that was not asked for longest leaves first. */
export interface Cache {
  /** The kept thing, or the one that `make` gives. */
  get<T>(key: string, make: () => { readonly kept: T; readonly bytes: number }): T;
}

interface Entry {
  readonly kept: unknown;
  readonly bytes: number;
}

/** A cache of at most `bytesMax`; a thing larger than a quarter of that is not kept. */
export function openCache(bytesMax: number): Cache {
  const entries = new Map<string, Entry>();
  let bytes = 0;
  return {
    get: (key, make) => {
      const known = entries.get(key);
      if (known) {
        entries.delete(key);
        entries.set(key, known);
        return known.kept as ReturnType<typeof make>['kept'];
      }
      const made = make();
      if (made.bytes * 4 > bytesMax) return made.kept;
      bytes += made.bytes;
      entries.set(key, made);
      for (const [oldest, entry] of entries) {
        if (bytes <= bytesMax) break;
        entries.delete(oldest);
        bytes -= entry.bytes;
      }
      return made.kept;
    },
  };
}
