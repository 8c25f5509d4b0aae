/** One measured thing beside what is wanted of it. */
export interface Finding {
  readonly what: string;
  readonly figure: string;
  readonly goal: string;
  readonly met: boolean;
}

/** A part of the benchmark: what it found, and the figures behind it. */
export interface Row {
  readonly findings: readonly Finding[];
  readonly detail: object;
}
