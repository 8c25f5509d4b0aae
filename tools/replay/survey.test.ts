import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readLines } from './lines.ts';
import { surveyLines } from './survey.ts';

const HEADER = 'sensor_id,sensor_type,location,lat,lon,timestamp,P1,P2,temperature,humidity,pressure';

async function* lines(...rows: readonly string[]): AsyncGenerator<string> {
  yield HEADER;
  yield* rows;
}

it('takes a particle and a climate sensor at one place for one device', async () => {
  const survey = await surveyLines(
    lines(
      '1,SDS011,10,57,-2,2019-05-01T00:00:00,1,1,,,',
      '2,DHT22,10,57,-2,2019-05-01T00:00:30,,,10,50,',
      '3,BME280,11,57.1,-2,2019-05-01T00:02:00,,,10,50,101300',
    ),
  );
  expect([...survey.devices.values()]).toEqual([
    { id: 'sc-10', location: '10', latitude: 57, longitude: -2, sensors: new Set(['SDS011', 'DHT22']) },
    { id: 'sc-11', location: '11', latitude: 57.1, longitude: -2, sensors: new Set(['BME280']) },
  ]);
  expect(survey).toMatchObject({
    rows: 3,
    firstMs: Date.UTC(2019, 4, 1),
    lastMs: Date.UTC(2019, 4, 1, 0, 2),
    disorderMs: 0,
  });
});

it('never mixes two instruments that measure the same at one place', async () => {
  const survey = await surveyLines(
    lines(
      '1,SDS011,10,57,-2,2019-05-01T00:00:00,1,1,,,',
      '5,SDS011,10,57,-2,2019-05-01T00:00:30,2,2,,,',
      '1,SDS011,10,57,-2,2019-05-01T00:02:00,1,1,,,',
    ),
  );
  expect([...survey.devices.keys()]).toEqual(['sc-10', 'sc-10-5']);
});

it('counts what cannot be read by its reason, and how far rows are out of order', async () => {
  const survey = await surveyLines(
    lines(
      '1,SDS011,10,57,-2,2019-05-01T01:00:00,1,1,,,',
      '',
      'rubbish',
      '1,SDS011,10,57,-2,2019-05-01T00:00:00,nan,1,,,',
    ),
  );
  expect(survey.rows).toBe(4);
  expect(Object.fromEntries(survey.skipped)).toEqual({ EMPTY_LINE: 1, WRONG_NUMBER_OF_COLUMNS: 1 });
  expect(survey.valuesNotNumbers).toBe(1);
  expect(survey.disorderMs).toBe(3_600_000);
});

it('refuses an empty file and one without a row', async () => {
  await expect(surveyLines((async function* () {})())).rejects.toThrow('empty');
  await expect(surveyLines(lines('x'))).rejects.toThrow('no row');
});

async function all(read: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const line of read) found.push(line);
  return found;
}

it('reads plain and gzip files alike, whatever their name, with characters cut by chunks', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-lines-'));
  const text = `${Array.from({ length: 20_000 }, (_, index) => `${index} µg/m³ 中`).join('\r\n')}\n`;
  writeFileSync(join(folder, 'plain.gz'), text);
  writeFileSync(join(folder, 'packed.csv'), gzipSync(text));
  for (const name of ['plain.gz', 'packed.csv']) {
    const read = await all(readLines(join(folder, name)));
    expect(read).toHaveLength(20_000);
    expect(read.at(-1)).toBe('19999 µg/m³ 中');
  }
  rmSync(folder, { recursive: true });
});

it('rejects for a gzip file that was cut short', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-lines-'));
  writeFileSync(join(folder, 'cut.csv.gz'), gzipSync('a\n'.repeat(1_000)).subarray(0, 20));
  await expect(all(readLines(join(folder, 'cut.csv.gz')))).rejects.toThrow();
  rmSync(folder, { recursive: true });
});

it('rejects for a file that is not there', async () => {
  await expect(all(readLines('/nowhere/archive.csv'))).rejects.toMatchObject({ code: 'ENOENT' });
});
