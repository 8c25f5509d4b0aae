import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Served, serve } from './testing/served.ts';
import { type SmallCity, smallCity } from './testing/small-city.ts';

let city: SmallCity;
let served: Served;
beforeAll(async () => {
  city = smallCity();
  served = await serve(city.subgraphs);
});
afterAll(() => served?.close());

describe('a query over HTTP', () => {
  it('is joined over the subgraphs', async () => {
    const { status, body } = await served.ask('{ latest { metric value device { id name zone { name } mood } } }');
    expect(status).toBe(200);
    expect(body.data.latest[1]).toEqual({
      metric: 'PM2_5',
      value: 12.5,
      device: { id: 'b', name: 'Device b', zone: { name: 'Zone' }, mood: 'b is fine' },
    });
  });
});
