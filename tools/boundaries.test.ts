import { describe, expect, it } from 'vitest';
import { breach, importsOf } from './boundaries.ts';

const allowed: readonly [string, string][] = [
  ['air/index/eaqi.ts', 'air/units.ts'],
  ['subgraphs/alerts/domain/rule.ts', 'air/metric.ts'],
  ['subgraphs/alerts/consumer.ts', 'platform/event-log/port.ts'],
  ['subgraphs/alerts/consumer.ts', 'schema/events/reading.ts'],
  ['subgraphs/alerts/consumer.test.ts', 'platform/event-log/embedded/log.ts'],
  ['app/adapters.ts', 'platform/event-log/embedded/log.ts'],
  ['subgraphs/predictions/store/mongo.ts', 'platform/documents/mongo/connection.ts'],
  ['web/src/map.tsx', 'air/index/eaqi.ts'],
  ['ingest/ingest.ts', 'platform/device-directory/device-directory.ts'],
  ['app/e2e/oracle/quality.ts', 'app/e2e/oracle/archive.ts'],
];
const refused: readonly [string, string][] = [
  ['air/index/eaqi.ts', 'zod'],
  ['schema/events/reading.ts', 'platform/errors.ts'],
  ['subgraphs/alerts/domain/rule.ts', 'platform/errors.ts'],
  ['subgraphs/alerts/domain/rule.ts', 'node:fs'],
  ['subgraphs/alerts/consumer.ts', 'subgraphs/devices/service.ts'],
  ['subgraphs/alerts/consumer.ts', 'platform/event-log/embedded/log.ts'],
  ['subgraphs/predictions/store/mongo.ts', 'platform/documents/mongo/store.ts'],
  ['subgraphs/predictions/store/port.ts', 'platform/documents/mongo/connection.ts'],
  ['subgraphs/predictions/service.ts', 'platform/documents/mongo/connection.ts'],
  ['gateway/gateway.ts', 'subgraphs/devices/service.ts'],
  ['gateway/gateway.ts', 'app/config.ts'],
  ['platform/event-log/port.ts', 'subgraphs/devices/service.ts'],
  ['web/src/map.tsx', 'platform/errors.ts'],
  ['app/e2e/oracle/quality.ts', 'air/quality.ts'],
];

describe('the import table', () => {
  it.each(allowed)('lets %s import %s', (from, to) => expect(breach({ from, to })).toBeUndefined());
  it.each(refused)('stops %s from importing %s', (from, to) => expect(breach({ from, to })).toBeTypeOf('string'));

  it('sees static, type, re-exporting and dynamic imports', () => {
    const source = `import type { A } from '../air/a.ts';\nexport { b } from '@greencity/platform/errors';\nconst c = await import('zod');\n`;
    expect(importsOf('gateway/x.ts', source)).toEqual([
      { from: 'gateway/x.ts', to: 'air/a.ts', line: 1 },
      { from: 'gateway/x.ts', to: 'platform/errors.ts', line: 2 },
      { from: 'gateway/x.ts', to: 'zod', line: 3 },
    ]);
  });
});
