/** Keeps the values used last, at most `entriesMax` of them; the one unused for longest leaves first. */
export interface BoundedCache<V> {
  readonly size: number;
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

/** A cache with a bound: the order of a Map's entries is the order of their last use. */
export function boundedCache<V>(entriesMax: number): BoundedCache<V> {
  const entries = new Map<string, V>();
  /** The key used last: it has its place already, and one request asks for it several times. */
  let newest: string | undefined;
  return {
    get size() {
      return entries.size;
    },
    get(key) {
      const value = entries.get(key);
      if (value === undefined || key === newest) return value;
      entries.delete(key);
      entries.set(key, value);
      newest = key;
      return value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      newest = key;
      if (entries.size <= entriesMax) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        return;
      }
    },
  };
}
