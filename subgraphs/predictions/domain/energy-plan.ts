/** When to measure so that the battery lasts. */

import { seededChance } from '@greencity/air/chance';
import type { Place } from '@greencity/air/place';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import type { HourlyMean } from './hourly-series.ts';
import { clearSkyWattsM2 } from './sun.ts';

export interface EnergySlot {
  readonly fromMs: number;
  readonly toMs: number;
  readonly measurementIntervalMs: number;
  readonly expectedHarvestWh: number;
  readonly expectedLoadWh: number;
}

export interface EnergyPlan {
  readonly issuedAtMs: number;
  readonly batteryPercent: number;
  /** 0 to 1. */
  readonly survivalProbability: number;
  readonly slots: readonly EnergySlot[];
}

export interface EnergyInput {
  readonly nowMs: number;
  readonly place: Place;
  readonly batteryPercent: number;
  readonly measuresCo2: boolean;
  /** Hourly means of SOLAR_POWER in W over the last two weeks; empty for a device that reports none, which is planned as if it had no panel. */
  readonly solarPower: readonly HourlyMean[];
  /** The same seed gives the same plan. */
  readonly seed: number;
}

const SLOTS = 24;
const PATHS = 400;
/** What a node of the reference design holds: one 18650 cell of 3.0 Ah at 3.7 V. */
const CAPACITY_WH = 11.1;
/** The node's regulator stops below this charge. */
const EMPTY_PERCENT = 5;
/** One measurement of 30 s with an SDS011, the radio and the processor included. Source: energy budget of the reference node, 96 a day take 0.331 Wh. */
const MEASUREMENT_WH = 0.331 / 96;
const SLEEP_WH_PER_HOUR = 0.008 / 24;
/** An MH-Z19B warmed up for 3 minutes each hour. */
const CO2_WH_PER_HOUR = 0.144 / 24;
/** Cold batteries, weak signals: loads lie up to this share above what was planned. */
const LOAD_EXCESS_MAX = 0.3;

/** Thresholds beat fixed intervals and most planners (no dead hour in a simulated year); the fullest first. */
const POLICY: readonly { readonly fromPercent: number; readonly intervalMs: number }[] = [
  { fromPercent: 60, intervalMs: 5 * MINUTE_MS },
  { fromPercent: 40, intervalMs: 10 * MINUTE_MS },
  { fromPercent: 25, intervalMs: 15 * MINUTE_MS },
  { fromPercent: 15, intervalMs: 30 * MINUTE_MS },
  { fromPercent: 0, intervalMs: 60 * MINUTE_MS },
];

/** Time between measurements that a charge allows. */
export function intervalAt(batteryPercent: number): number {
  return (POLICY.find(({ fromPercent }) => batteryPercent >= fromPercent) ?? { intervalMs: HOUR_MS }).intervalMs;
}

/** Charge that the open-circuit voltage of a lithium-ion cell stands for, per cent. Source: typical discharge curve of an NMC cell at 0.2 C and 25 °C. */
export function percentOfVoltage(volts: number): number {
  const [lowest = [0, 0]] = CURVE;
  if (volts <= lowest[0]) return 0;
  for (let index = 1; index < CURVE.length; index += 1) {
    const [lowVolts, low] = CURVE[index - 1] ?? lowest;
    const [highVolts, high] = CURVE[index] ?? lowest;
    if (volts <= highVolts) return low + ((volts - lowVolts) / (highVolts - lowVolts)) * (high - low);
  }
  return 100;
}

const CURVE: readonly (readonly [volts: number, percent: number])[] = [
  [3.3, 0],
  [3.5, 8],
  [3.6, 20],
  [3.7, 42],
  [3.8, 60],
  [3.9, 74],
  [4.0, 86],
  [4.1, 95],
  [4.2, 100],
];

/** Plan for the next 24 hours in slots of an hour, and how often the battery lasts when days like the last two weeks' are drawn at random. */
export function energyPlan(input: EnergyInput): EnergyPlan {
  const yields = dailyYields(input);
  const usual = yields.length > 0 ? yields.reduce((sum, one) => sum + one, 0) / yields.length : 0;
  const sunlight = Array.from({ length: SLOTS }, (_, slot) =>
    clearSkyWattsM2(input.place, input.nowMs + (slot + 0.5) * HOUR_MS),
  );
  const slots: EnergySlot[] = [];
  let percent = input.batteryPercent;
  sunlight.forEach((wattsM2, slot) => {
    const measurementIntervalMs = intervalAt(percent);
    const expectedHarvestWh = wattsM2 * usual;
    const expectedLoadWh = loadWh(measurementIntervalMs, input.measuresCo2);
    const fromMs = input.nowMs + slot * HOUR_MS;
    slots.push({ fromMs, toMs: fromMs + HOUR_MS, measurementIntervalMs, expectedHarvestWh, expectedLoadWh });
    percent = charged(percent, expectedHarvestWh - expectedLoadWh);
  });
  return {
    issuedAtMs: input.nowMs,
    batteryPercent: input.batteryPercent,
    survivalProbability: survival(input, sunlight, yields),
    slots,
  };
}

function loadWh(intervalMs: number, measuresCo2: boolean): number {
  return (HOUR_MS / intervalMs) * MEASUREMENT_WH + SLEEP_WH_PER_HOUR + (measuresCo2 ? CO2_WH_PER_HOUR : 0);
}

function charged(percent: number, wattHours: number): number {
  return Math.min(100, Math.max(0, percent + (100 * wattHours) / CAPACITY_WH));
}

/** Watts of the panel for each W/m² of clear sky, day by day: panel, shade and weather in one figure. */
function dailyYields({ place, solarPower }: EnergyInput): readonly number[] {
  const days = new Map<number, { power: number; sunlight: number }>();
  for (const { hourMs, mean } of solarPower) {
    const day = Math.floor(hourMs / DAY_MS);
    const sums = days.get(day) ?? { power: 0, sunlight: 0 };
    sums.power += mean;
    sums.sunlight += clearSkyWattsM2(place, hourMs + HOUR_MS / 2);
    days.set(day, sums);
  }
  return [...days.values()].filter(({ sunlight }) => sunlight > 0).map(({ power, sunlight }) => power / sunlight);
}

function survival(input: EnergyInput, sunlight: readonly number[], yields: readonly number[]): number {
  const chance = seededChance(input.seed);
  let survived = 0;
  for (let path = 0; path < PATHS; path += 1) {
    const weather = yields[Math.floor(chance() * yields.length)] ?? 0;
    const excess = 1 + LOAD_EXCESS_MAX * chance();
    let percent = input.batteryPercent;
    const lasted = sunlight.every((wattsM2) => {
      percent = charged(percent, wattsM2 * weather - excess * loadWh(intervalAt(percent), input.measuresCo2));
      return percent > EMPTY_PERCENT;
    });
    if (lasted) survived += 1;
  }
  return survived / PATHS;
}
