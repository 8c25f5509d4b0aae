import { truncated } from './bands.ts';

const HOURS = 12;
const RECENT_HOURS = 3;
const RECENT_NEEDED = 2;
const WEIGHT_MIN = 0.5;

/**
 * NowCast of particles: a mean of the last 12 hourly means that leans to the newest as far as they vary. Truncated to `decimals`
 * (1 for PM2.5, 0 for PM10). Undefined when fewer than two of the three newest hours are there.
 * Missing hours drop out of both sums and keep their place; an all-zero window gives 0.
 * Source: US EPA, Technical Assistance Document for the Reporting of Daily Air Quality, NowCast.
 * @param hoursNewestFirst hourly means in µg/m³, the newest first, undefined or null where there is none
 */
export function nowcast(
  hoursNewestFirst: readonly (number | null | undefined)[],
  decimals: number,
): number | undefined {
  const hours = hoursNewestFirst.slice(0, HOURS);
  const isThere = (value: number | null | undefined): value is number => typeof value === 'number';
  if (hours.slice(0, RECENT_HOURS).filter(isThere).length < RECENT_NEEDED) return undefined;
  const present = hours.filter(isThere);
  const highest = Math.max(...present);
  const weight = highest === 0 ? 1 : Math.max(WEIGHT_MIN, Math.min(...present) / highest);
  let sum = 0;
  let weights = 0;
  hours.forEach((value, hoursAgo) => {
    if (!isThere(value)) return;
    sum += value * weight ** hoursAgo;
    weights += weight ** hoursAgo;
  });
  return truncated(sum / weights, decimals);
}
