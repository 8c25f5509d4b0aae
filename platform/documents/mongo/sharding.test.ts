import { describe, expect, it } from 'vitest';
import type { CollectionOptions } from '../port.ts';
import { indexesOf, layoutOf } from './layout.ts';
import { shardCommand } from './sharding.ts';

interface Device {
  readonly region: string;
  readonly eui: string;
}

const DEVICES: CollectionOptions<Device> = {
  name: 'devices',
  region: ({ region }) => region,
  unique: { eui: ({ eui }) => eui },
};

describe('a collection of a sharded deployment', () => {
  it('is spread by region, then id', () => {
    expect(shardCommand('greencity', layoutOf(DEVICES))).toEqual({
      shardCollection: 'greencity.devices',
      key: { region: 1, _id: 1 },
    });
  });

  it('has the index of its shard key, and none that is unique: shards would hold only their own documents to it', () => {
    const indexes = indexesOf(layoutOf(DEVICES), true);
    expect(indexes.some(({ unique }) => unique)).toBe(false);
    expect(indexes).toContainEqual({ key: { region: 1, _id: 1 }, name: 'shard' });
  });

  it('that is not sharded has its unique index, and none that it does not need', () => {
    expect(indexesOf(layoutOf(DEVICES), false).map(({ unique }) => unique)).toEqual([true]);
  });

  it('keeps its keys under another name when its regions are made otherwise, so that stored documents get theirs', () => {
    const others = layoutOf({ ...DEVICES, region: () => 'everywhere' });
    expect(others.keys).not.toBe(layoutOf(DEVICES).keys);
  });
});
