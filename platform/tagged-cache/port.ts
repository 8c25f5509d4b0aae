/** Values that processes share, each until its lifetime ends or one of its tags changes. Losing them loses no data. */

export interface TaggedValue {
  readonly value: Buffer;
  /** Names of what it was made of. */
  readonly tags: readonly string[];
  /** How long it may be given, from now on. */
  readonly lifetimeMs: number;
}

export type Found =
  | ({ readonly kind: 'kept' } & TaggedValue)
  /** Nothing is kept. Whoever makes the value now gives the mark to `keep`. */
  | { readonly kind: 'none'; readonly mark: string };

/** Tags, or `everything`. */
export type ChangedTags = readonly string[] | 'everything';

export interface TaggedCache extends AsyncDisposable {
  find(key: string): Promise<Found>;
  /** Keeps a value that was begun after its mark was given; false when one of its tags has changed since then. */
  keep(key: string, value: TaggedValue, mark: string): Promise<boolean>;
  /**
   * Ends every value with one of these tags, those included that are being made. Nothing that this process finds afterwards is from before; other processes
   * find nothing of before once the change has arrived where all of them look. A change that cannot be sent is made up for by one of everything.
   */
  change(tags: ChangedTags): void;
  close(): Promise<void>;
}
