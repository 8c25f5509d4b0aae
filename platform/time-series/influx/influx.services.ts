import { afterAll, beforeAll } from 'vitest';
import { type Influx, startInflux } from '../../../tools/engines/influx.ts';
import { describeTimeSeries } from '../contract.ts';
import { openForTest, removeBuckets } from './fixtures/open-for-test.ts';

let influx: Influx;
let opened = 0;

beforeAll(async () => {
  influx = await startInflux();
});
afterAll(() => influx.stop());

describeTimeSeries('InfluxDB', async () => {
  const bucket = `contract-${opened++}`;
  return {
    open: (retention, nowMs) => openForTest(influx, { bucket, retention, nowMs }),
    remove: () => removeBuckets(influx, bucket),
  };
});
