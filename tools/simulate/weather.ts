/** Weather and people of the simulated city: what drives the air, by the hour. Plausible for north-east Scotland, and invented. */
import { hash, wave } from './noise.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_DAYS = 365.2425;
const LATITUDE_RADIANS = (57.15 * Math.PI) / 180;
/** The sun is highest this much after 12:00 UTC at 2.1 degrees west. */
const NOON_HOUR_UTC = 12.15;
const TILT_RADIANS = (23.44 * Math.PI) / 180;
/** Days from the start of the year to the spring equinox. */
const EQUINOX_DAY = 79;

export interface Weather {
  /** °C in the open, away from the centre. */
  readonly temperature: number;
  readonly dewPoint: number;
  /** m/s */
  readonly wind: number;
  /** 0 clear to 1 overcast. */
  readonly cloud: number;
  /** Sine of the sun's height; negative by night. */
  readonly sun: number;
  /** How strongly a lid of warm air holds the city's air down, 0 to 1. */
  readonly inversion: number;
}

/** Days since 1 January, with their fraction. */
function dayOfYear(timeMs: number): number {
  const year = new Date(timeMs).getUTCFullYear();
  return (timeMs - Date.UTC(year, 0, 1)) / DAY_MS;
}

/** Sine of the sun's height over the horizon, without the equation of time. */
export function sunHeight(timeMs: number): number {
  const declination = TILT_RADIANS * Math.sin((2 * Math.PI * (dayOfYear(timeMs) - EQUINOX_DAY)) / YEAR_DAYS);
  const hour = (timeMs % DAY_MS) / HOUR_MS;
  const angle = (2 * Math.PI * (hour - NOON_HOUR_UTC)) / 24;
  return (
    Math.sin(LATITUDE_RADIANS) * Math.sin(declination) +
    Math.cos(LATITUDE_RADIANS) * Math.cos(declination) * Math.cos(angle)
  );
}

/** The weather over the whole city at a moment. Monthly means after the Met Office's averages for Dyce, 1991-2020: 3 to 14 °C. */
export function weather(seed: number, timeMs: number): Weather {
  const sky = hash(seed, 10);
  const days = timeMs / DAY_MS;
  const season = -Math.cos((2 * Math.PI * (dayOfYear(timeMs) - 25)) / YEAR_DAYS);
  const cloud = clamp(0.55 + 0.6 * wave(sky, 1, days * 1.7), 0, 1);
  const wind = clamp(4.5 + 4 * wave(sky, 2, days * 2.3) + 1.5 * wave(sky, 3, days * 9) - season, 0.3, 16);
  const sun = sunHeight(timeMs);
  // The warmest hour comes about three after noon.
  const lagged = sunHeight(timeMs - 3 * HOUR_MS);
  const swing = (1.6 + 1.6 * (season + 1)) * (1 - 0.6 * cloud);
  const temperature = 8.5 + 5.5 * season + 3.5 * wave(sky, 4, days * 0.4) + swing * (2.2 * lagged - 0.35);
  // Drier than the real coast: above 85 % optical particle sensors cannot be trusted, and there would be little to show.
  const dryness = clamp(3.4 + 2.4 * wave(sky, 5, days * 0.9) + 1.2 * (season + 1) + 3 * Math.max(0, lagged), 0.4, 14);
  const calm = clamp((4 - wind) / 3, 0, 1);
  const night = clamp((0.15 - sun) * 5, 0, 1);
  const inversion = calm * night * (1 - cloud) * clamp(1.2 - 0.5 * (season + 1), 0.3, 1);
  return { temperature, dewPoint: temperature - dryness, wind, cloud, sun, inversion };
}

/** Relative humidity, %, by the Magnus formula over water (Alduchov and Eskridge 1996: 17.625, 243.04 °C). */
export function relativeHumidity(temperature: number, dewPoint: number): number {
  const saturation = (celsius: number) => Math.exp((17.625 * celsius) / (243.04 + celsius));
  return clamp((100 * saturation(dewPoint)) / saturation(temperature), 5, 100);
}

/** British summer time: from the last Sunday of March, 01:00 UTC, to that of October. */
export function summerTime(timeMs: number): boolean {
  const year = new Date(timeMs).getUTCFullYear();
  return timeMs >= lastSunday(year, 2) && timeMs < lastSunday(year, 9);
}

function lastSunday(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month, 31, 1));
  return last.getTime() - last.getUTCDay() * DAY_MS;
}

const bump = (hour: number, at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2));

/** Traffic, 0 to about 1: two peaks on workdays, one broad hump at the weekend. */
export function traffic(timeMs: number): number {
  const { hour, weekday } = localTime(timeMs);
  const base = 0.08 + 0.25 * bump(hour, 14, 6);
  if (weekday === 0 || weekday === 6) return base + (weekday === 6 ? 0.35 : 0.22) * bump(hour, 13.5, 3.5);
  return base + 0.65 * bump(hour, 8.2, 1.2) + 0.6 * bump(hour, 17.3, 1.6);
}

/** Smoke of stoves, 0 to 1: cold evenings. */
export function heating(timeMs: number, temperature: number): number {
  const { hour } = localTime(timeMs);
  const evening = bump(hour, 20.5, 2.2) + bump(hour + 24, 20.5, 2.2) + 0.4 * bump(hour, 7.5, 1.2);
  return clamp((12 - temperature) / 12, 0, 1) * Math.min(1, evening);
}

function localTime(timeMs: number): { readonly hour: number; readonly weekday: number } {
  const local = new Date(timeMs + (summerTime(timeMs) ? HOUR_MS : 0));
  return { hour: local.getUTCHours() + local.getUTCMinutes() / 60, weekday: local.getUTCDay() };
}

/** The value, or the nearer of the two bounds. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
