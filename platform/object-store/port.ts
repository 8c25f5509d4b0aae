/** Whole objects under slash-separated names, for backups. `put` is atomic: a reader sees the old object or the new one, never half. */
export interface ObjectStore {
  put(name: string, content: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  /** Names that start with `prefix`, in order. */
  list(prefix: string): Promise<readonly string[]>;
  delete(name: string): Promise<void>;
}
