import { describe, expect, it } from 'vitest';
import { memoryMetrics } from './memory-metrics.ts';

describe('the exposition', () => {
  it('is empty without metrics', () => {
    expect(memoryMetrics().exposition()).toBe('');
  });

  it('writes counters with their labels in order of name, escaped', () => {
    const metrics = memoryMetrics();
    metrics.counter('refused_total', 'Refused.\nBy reason \\ kind.', { reason: 'a "b"\n\\c', kind: 'x' }).add();
    metrics.counter('refused_total', 'Refused.', { kind: 'x', reason: 'a "b"\n\\c' }).add(2.5);
    metrics.counter('plain_total', 'Plain.');
    expect(metrics.exposition()).toBe(
      [
        '# HELP refused_total Refused.\\nBy reason \\\\ kind.',
        '# TYPE refused_total counter',
        'refused_total{kind="x",reason="a \\"b\\"\\n\\\\c"} 3.5',
        '# HELP plain_total Plain.',
        '# TYPE plain_total counter',
        'plain_total 0',
        '',
      ].join('\n'),
    );
  });

  it('writes a histogram with cumulative buckets; a bound belongs to its bucket', () => {
    const metrics = memoryMetrics();
    const histogram = metrics.histogram('wait_seconds', 'Waiting.', [0.1, 1]);
    for (const value of [0.1, 0.5, 1, 7]) histogram.observe(value);
    expect(metrics.exposition().split('\n').slice(2, -1)).toEqual([
      'wait_seconds_bucket{le="0.1"} 1',
      'wait_seconds_bucket{le="1"} 3',
      'wait_seconds_bucket{le="+Inf"} 4',
      'wait_seconds_sum 8.6',
      'wait_seconds_count 4',
    ]);
  });

  it('reads a gauge when asked; one that fails is NaN and takes nothing with it', () => {
    const metrics = memoryMetrics();
    let lag = 3;
    metrics.gauge('lag_records', 'Lag.', () => lag);
    metrics.gauge('broken', 'Broken.', () => {
      throw new Error('no');
    });
    metrics.gauge('endless', 'Endless.', () => Number.POSITIVE_INFINITY);
    lag = 5;
    expect(metrics.exposition()).toContain('\nlag_records 5\n');
    expect(metrics.exposition()).toContain('\nbroken NaN\n');
    expect(metrics.exposition()).toContain('\nendless +Inf\n');
  });
});

it('refuses a name that Prometheus would, and one name for two kinds', () => {
  const metrics = memoryMetrics();
  expect(() => metrics.counter('bad-name', '')).toThrow();
  expect(() => metrics.counter('good', '', { 'bad-label': '' })).toThrow();
  metrics.gauge('one', '', () => 1);
  expect(() => metrics.counter('one', '')).toThrow();
});

it('bounds the label sets of a counter: what is beyond is counted together', () => {
  const metrics = memoryMetrics();
  for (let index = 0; index < 1_003; index += 1) metrics.counter('many_total', '', { id: String(index) }).add();
  expect(metrics.exposition()).toContain('many_total{overflow="true"} 3');
});
