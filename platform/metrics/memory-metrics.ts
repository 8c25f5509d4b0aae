import type { Counter, Histogram, Metrics } from './port.ts';

/** Label sets of one counter beyond this share one series, so that a label from outside cannot fill memory. */
const LABEL_SETS_MAX = 1_000;
const OVERFLOW = '{overflow="true"}';
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

interface CounterFamily {
  readonly kind: 'counter';
  readonly help: string;
  /** By the labels as they are written. */
  readonly series: Map<string, Counter & { value: number }>;
}

interface HistogramFamily extends Histogram {
  readonly kind: 'histogram';
  readonly help: string;
  lines(name: string): readonly string[];
}

interface GaugeFamily {
  readonly kind: 'gauge';
  readonly help: string;
  /** By the labels as they are written. */
  readonly series: Map<string, () => number>;
}

type Family = CounterFamily | HistogramFamily | GaugeFamily;

/** Metrics in this process's memory. */
export function memoryMetrics(): Metrics {
  const families = new Map<string, Family>();

  function family<K extends Family['kind']>(name: string, kind: K): Extract<Family, { kind: K }> | undefined {
    if (!NAME.test(name)) throw new Error(`a metric's name matches ${NAME}, got ${JSON.stringify(name)}`);
    const found = families.get(name);
    if (found && found.kind !== kind) throw new Error(`${name} is a ${found.kind}, asked for as a ${kind}`);
    return found as Extract<Family, { kind: K }> | undefined;
  }

  function added<F extends Family>(name: string, made: F): F {
    families.set(name, made);
    return made;
  }

  return {
    counter(name, help, labels = {}) {
      const found = family(name, 'counter') ?? added(name, { kind: 'counter', help, series: new Map() });
      const asked = written(labels);
      const key = found.series.size < LABEL_SETS_MAX || found.series.has(asked) ? asked : OVERFLOW;
      const counter = found.series.get(key) ?? newCounter();
      found.series.set(key, counter);
      return counter;
    },
    histogram(name, help, buckets) {
      return family(name, 'histogram') ?? added(name, newHistogram(help, buckets));
    },
    gauge(name, help, read, labels = {}) {
      const found = family(name, 'gauge') ?? added(name, { kind: 'gauge', help, series: new Map() });
      found.series.set(written(labels), read);
    },
    exposition() {
      const lines: string[] = [];
      for (const [name, each] of families) {
        lines.push(`# HELP ${name} ${escapeHelp(each.help)}`, `# TYPE ${name} ${each.kind}`, ...linesOf(name, each));
      }
      return lines.length > 0 ? `${lines.join('\n')}\n` : '';
    },
  };
}

function newCounter(): Counter & { value: number } {
  const counter = {
    value: 0,
    add(amount = 1) {
      counter.value += amount;
    },
  };
  return counter;
}

function newHistogram(help: string, buckets: readonly number[]): HistogramFamily {
  const bounds = [...buckets].sort((a, b) => a - b);
  const counts = new Float64Array(bounds.length);
  let sum = 0;
  let count = 0;
  return {
    kind: 'histogram',
    help,
    observe(value) {
      sum += value;
      count += 1;
      let index = 0;
      while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1;
      if (index < bounds.length) counts[index] = (counts[index] ?? 0) + 1;
    },
    lines(name) {
      let below = 0;
      const perBucket = bounds.map((bound, index) => {
        below += counts[index] ?? 0;
        return `${name}_bucket{le="${number(bound)}"} ${below}`;
      });
      return [
        ...perBucket,
        `${name}_bucket{le="+Inf"} ${count}`,
        `${name}_sum ${number(sum)}`,
        `${name}_count ${count}`,
      ];
    },
  };
}

function linesOf(name: string, family: Family): readonly string[] {
  switch (family.kind) {
    case 'counter':
      return [...family.series].map(([labels, { value }]) => `${name}${labels} ${number(value)}`);
    case 'histogram':
      return family.lines(name);
    case 'gauge':
      return [...family.series].map(([labels, read]) => `${name}${labels} ${number(readGauge(read))}`);
  }
}

/** A gauge that cannot be read is NaN: it must not take the other metrics with it. */
function readGauge(read: () => number): number {
  try {
    return read();
  } catch {
    return Number.NaN;
  }
}

function written(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).sort();
  if (names.length === 0) return '';
  const pairs = names.map((name) => {
    if (!LABEL_NAME.test(name)) throw new Error(`a label's name matches ${LABEL_NAME}, got ${JSON.stringify(name)}`);
    return `${name}="${escapeLabel(labels[name] ?? '')}"`;
  });
  return `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
