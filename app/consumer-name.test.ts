import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { consumerName } from './consumer-name.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'greencity-consumer-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

it('stays what it was at the first start on a data folder, and is another on another', async () => {
  const name = await consumerName(dataDir);
  expect(name).toMatch(/^ingest-[0-9a-f]{12}$/);
  expect(await consumerName(dataDir)).toBe(name);
  rmSync(join(dataDir, 'mqtt-consumer'));
  expect(await consumerName(dataDir)).not.toBe(name);
});

it('is made anew when its file is damaged', async () => {
  writeFileSync(join(dataDir, 'mqtt-consumer'), 'ing');
  expect(await consumerName(dataDir)).toMatch(/^ingest-[0-9a-f]{12}$/);
});

it('is refused when it cannot be kept: what waits for it would be found no more', async () => {
  await expect(consumerName(join(dataDir, 'nowhere'))).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' });
});
