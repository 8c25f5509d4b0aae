import { describe, expect, it } from 'vitest';
import type { CollectionOptions } from '../port.ts';
import { layoutOf } from './layout.ts';
import { shardCommand } from './sharding.ts';

interface Alert {
  readonly zoneId: string;
  readonly number: string;
}

const ALERTS: CollectionOptions<Alert> = { name: 'alerts', region: (alert) => alert.zoneId };

describe('a collection of a sharded deployment', () => {
  it('is spread by region, then id', () => {
    expect(shardCommand('greencity', layoutOf(ALERTS))).toEqual({
      shardCollection: 'greencity.alerts',
      key: { region: 1, _id: 1 },
    });
  });

  it('stays on one shard when it has no region, or a unique key that shards could not hold it to', () => {
    expect(shardCommand('greencity', layoutOf<Alert>({ name: 'alerts' }))).toBeUndefined();
    const numbered = { ...ALERTS, unique: { number: (alert: Alert) => alert.number } };
    expect(shardCommand('greencity', layoutOf(numbered))).toBeUndefined();
  });
});
