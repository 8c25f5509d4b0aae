import { describe, expect, it } from 'vitest';
import { memoryMetrics } from './memory-metrics.ts';

describe('the metrics', () => {
  it('are written as Prometheus reads them', () => {
    const metrics = memoryMetrics();
    metrics.counter('refused_total', 'Refused readings.', { reason: 'TOO "OLD"\n' }).add();
    metrics.counter('refused_total', 'Refused readings.', { reason: 'TOO "OLD"\n' }).add(2);
    metrics.gauge('lag_records', 'Records behind.', () => 7);
    const latency = metrics.histogram('ack_seconds', 'Time to acknowledge.', [0.01, 0.1]);
    latency.observe(0.01);
    latency.observe(0.05);
    latency.observe(5);
    expect(metrics.exposition()).toBe(
      [
        '# HELP refused_total Refused readings.',
        '# TYPE refused_total counter',
        'refused_total{reason="TOO \\"OLD\\"\\n"} 3',
        '# HELP lag_records Records behind.',
        '# TYPE lag_records gauge',
        'lag_records 7',
        '# HELP ack_seconds Time to acknowledge.',
        '# TYPE ack_seconds histogram',
        'ack_seconds_bucket{le="0.01"} 1',
        'ack_seconds_bucket{le="0.1"} 2',
        'ack_seconds_bucket{le="+Inf"} 3',
        'ack_seconds_sum 5.06',
        'ack_seconds_count 3',
        '',
      ].join('\n'),
    );
  });
});
