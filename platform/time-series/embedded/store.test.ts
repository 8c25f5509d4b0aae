import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeTimeSeries } from '../contract.ts';
import { openForTest } from './fixtures/open-for-test.ts';

describeTimeSeries('embedded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'greencity-series-'));
  return {
    open: (retention, nowMs) => openForTest({ folder, retention, nowMs }),
    remove: () => rm(folder, { recursive: true }),
  };
});

describeTimeSeries('embedded, sealing after every few points', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'greencity-series-'));
  return {
    open: (retention, nowMs) => openForTest({ folder, retention, nowMs, hotPointsMax: 2 }),
    remove: () => rm(folder, { recursive: true }),
  };
});
