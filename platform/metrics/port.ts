/** Counters, gauges and histograms, read at `/metrics` in the Prometheus text format. Names end in their unit (`_total`, `_seconds`, `_bytes`). */
export interface Counter {
  add(amount?: number): void;
}
export interface Histogram {
  observe(value: number): void;
}

export interface Metrics {
  /** The same name and labels give the same counter. */
  counter(name: string, help: string, labels?: Readonly<Record<string, string>>): Counter;
  histogram(name: string, help: string, buckets: readonly number[]): Histogram;
  /** Read when `/metrics` is asked for. */
  gauge(name: string, help: string, read: () => number, labels?: Readonly<Record<string, string>>): void;
  /** Prometheus text exposition format 0.0.4. */
  exposition(): string;
}
