import { describe, expect, it } from 'vitest';
import { readView, writeView } from './view-state.ts';

describe('the address', () => {
  it('says PM2.5 on the map when it says nothing', () => {
    expect(readView('')).toEqual({ metric: 'PM2_5', deviceId: undefined, list: false });
  });

  it('carries a view there and back', () => {
    const view = { metric: 'CO2', deviceId: 'a b&c', list: true } as const;
    expect(readView(writeView(view))).toEqual(view);
  });

  it('ignores a metric that does not exist', () => {
    expect(readView('#metric=RADON').metric).toBe('PM2_5');
  });
});
