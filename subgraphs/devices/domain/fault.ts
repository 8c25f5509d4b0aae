/** A field of an input that is wrong: where it is, and what it must be. */
export interface Fault {
  /** As in `input.location.latitude`. */
  readonly path: string;
  readonly reason: string;
}

/** The outcome of checking an input: what it says, or everything that is wrong with it. */
export type Checked<T> =
  | { readonly kind: 'accepted'; readonly value: T }
  | { readonly kind: 'refused'; readonly faults: readonly Fault[] };

/** Accepted when nothing was found wrong; `value` is not looked at otherwise. */
export function settle<T>(faults: readonly Fault[], value: T): Checked<T> {
  return faults.length > 0 ? { kind: 'refused', faults } : { kind: 'accepted', value };
}
