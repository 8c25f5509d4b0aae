/** Files for the replay test: a day cut out of a week of real readings, and one place of it with faults put in. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const WEEK = fileURLToPath(
  new URL('../../../shared/data/aberdeen_sensorcommunity_raw_2019-05-01_05-07.csv.gz', import.meta.url),
);

/** Whether the week of real readings lies beside the repository; its data are not ours to hand on. */
export const hasWeek: boolean = existsSync(WEEK);

/** The header and all rows of one day (UTC), as in `2019-05-01`. */
export function rowsOfDay(day: string): readonly string[] {
  const [header = '', ...rows] = gunzipSync(readFileSync(WEEK)).toString().trimEnd().split('\n');
  return [header, ...rows.filter((row) => row.split(',')[5]?.startsWith(`${day}T`))];
}

/** Writes rows as a gzip file and gives its path back. */
export function writeRows(path: string, rows: readonly string[]): string {
  writeFileSync(path, gzipSync(`${rows.join('\n')}\n`));
  return path;
}

const [LOCATION, P1, P2, HUMIDITY] = [2, 6, 7, 9];

/** A row with some cells replaced, by place. */
function withCells(row: string, cells: Readonly<Record<number, string>>): string {
  return row
    .split(',')
    .map((cell, place) => cells[place] ?? cell)
    .join(',');
}

/**
 * A day's readings of one real place, moved to a place that does not exist, with what can be wrong with a file put in: repeated, contradicting, empty,
 * unreadable and impossible cells, values that no air has, a sensor that hangs, and a hygrometer at zero.
 */
export function damagedRows(day: readonly string[], location: string, movedTo: string): readonly string[] {
  const [header = '', ...all] = day;
  const rows = all
    .filter((row) => row.split(',')[LOCATION] === location)
    .map((row) => withCells(row, { [LOCATION]: movedTo }));
  const isParticles = (row: string) => row.split(',')[1] === 'SDS011';
  const particles = rows.filter(isParticles);
  const climate = rows.filter((row) => !isParticles(row));
  const faults = new Map<string | undefined, (row: string) => readonly string[]>([
    [particles[10], (row) => [row, row]],
    [particles[20], (row) => [row, withCells(row, { [P1]: '77.70' })]],
    [particles[30], (row) => [withCells(row, { [P1]: '', [P2]: '' })]],
    [particles[40], (row) => [withCells(row, { [P1]: 'nan' })]],
    [particles[50], (row) => [withCells(row, { [P1]: '12000.00' })]],
    [particles[60], (row) => [withCells(row, { [P1]: '1999.90' })]],
    [climate[70], (row) => [withCells(row, { [HUMIDITY]: '0.00' })]],
    [climate[80], (row) => ['', `${row},one cell too many`]],
  ]);
  for (const row of particles.slice(100, 150)) faults.set(row, () => [withCells(row, { [P2]: '4.20' })]);
  return [header, ...rows.flatMap((row) => faults.get(row)?.(row) ?? [row])];
}
