/** How often each answer came, by what it said. */
export interface Tally {
  add(what: string, times?: number): void;
  count(what: string): number;
  total(): number;
  /** Answers that are none of the ones expected. */
  others(expected: readonly string[]): readonly string[];
  /** Adds all of it to another. */
  addTo(other: Tally): void;
  /** The answers, the most frequent first. */
  text(): string;
}

const SHOWN_MAX = 5;

export function openTally(): Tally {
  const counts = new Map<string, number>();
  return {
    add: (what, times = 1) => void counts.set(what, (counts.get(what) ?? 0) + times),
    count: (what) => counts.get(what) ?? 0,
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    others: (expected) => [...counts.keys()].filter((what) => !expected.includes(what)),
    addTo(other) {
      for (const [what, count] of counts) other.add(what, count);
    },
    text() {
      const sorted = [...counts].sort(([, a], [, b]) => b - a);
      const shown = sorted.slice(0, SHOWN_MAX).map(([what, count]) => `${count} × ${what}`);
      return [...shown, ...(sorted.length > SHOWN_MAX ? ['…'] : [])].join(', ') || 'nothing';
    },
  };
}
