import type { Counter, Histogram, Metrics } from './port.ts';

interface Family {
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Lines of each series, made when asked for. */
  readonly series: Map<string, () => readonly string[]>;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function labelText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

/** Metrics kept in this process. */
export function memoryMetrics(): Metrics {
  const families = new Map<string, Family>();
  const counters = new Map<string, Counter>();

  function family(name: string, help: string, type: Family['type']): Family {
    const known = families.get(name);
    if (known) return known;
    const made: Family = { help, type, series: new Map() };
    families.set(name, made);
    return made;
  }

  return {
    counter(name, help, labels) {
      const key = name + labelText(labels);
      const known = counters.get(key);
      if (known) return known;
      let total = 0;
      const counter: Counter = {
        add(amount = 1) {
          total += amount;
        },
      };
      counters.set(key, counter);
      family(name, help, 'counter').series.set(key, () => [`${key} ${total}`]);
      return counter;
    },
    gauge(name, help, read) {
      family(name, help, 'gauge').series.set(name, () => [`${name} ${read()}`]);
    },
    histogram: (name, help, buckets) => histogram(family(name, help, 'histogram'), name, buckets),
    exposition: () =>
      [...families]
        .flatMap(([name, { help, type, series }]) => [
          `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
          `# TYPE ${name} ${type}`,
          ...[...series.values()].flatMap((lines) => lines()),
        ])
        .concat('')
        .join('\n'),
  };
}

function histogram({ series }: Family, name: string, buckets: readonly number[]): Histogram {
  const counts = new Array<number>(buckets.length).fill(0);
  let sum = 0;
  let count = 0;
  series.set(name, () => [
    ...buckets.map((bound, index) => `${name}_bucket{le="${bound}"} ${counts[index] ?? 0}`),
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sum}`,
    `${name}_count ${count}`,
  ]);
  return {
    observe(value) {
      sum += value;
      count += 1;
      buckets.forEach((bound, index) => {
        if (value <= bound) counts[index] = (counts[index] ?? 0) + 1;
      });
    },
  };
}
