/**
 * A plausible, invented city: what each of its nodes reads at a moment. Pure: the same seed, node and moment always give the same reading,
 * so that history and live values agree and a restart goes on where it was.
 */
import type { ZoneDraft } from '../operator/roster.ts';
import { type FaultKind, faultAt, faultKind, isSpike } from './faults.ts';
import { field, hash, normal, uniform, wave } from './noise.ts';
import { cityPlan, degrees, type Plan, type Point, placeIn, roadExposure } from './plan.ts';
import { clamp, heating, relativeHumidity, traffic, type Weather, weather } from './weather.ts';

const DAY_MS = 86_400_000;
const KM = 1_000;
const CO2_SHARE = 0.4;
const BATTERY_SHARE = 0.15;

export interface CityOptions {
  readonly nodes: number;
  readonly seed: number;
}

export interface CityNode {
  readonly id: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly sensors: readonly string[];
  readonly tags: readonly string[];
  readonly fault: FaultKind | undefined;
}

export interface City {
  readonly zones: readonly ZoneDraft[];
  readonly nodes: readonly CityNode[];
  /** What the node sends for a moment, by message key; undefined when it is silent. */
  reading(node: CityNode, timeMs: number): Readonly<Record<string, number>> | undefined;
}

/** A node with what only the model knows of it. */
interface ModelNode extends CityNode {
  readonly key: number;
  readonly at: Point;
  readonly exposure: number;
  /** 1 at the centre, falling to 0 at the rim. */
  readonly centrality: number;
}

/** Air as it is, before a sensor sees it. */
interface Air {
  readonly pm2_5: number;
  readonly pm10: number;
  readonly co2: number;
  readonly temperature: number;
  readonly humidity: number;
}

/** The city of a seed. */
export function simulatedCity({ nodes: count, seed }: CityOptions): City {
  const plan = cityPlan(seed);
  const nodes = Array.from({ length: count }, (_, index) => makeNode(plan, seed, index));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  let last: { readonly timeMs: number; readonly sky: Weather } | undefined;
  /** All nodes of a moment share its weather. */
  const skyAt = (timeMs: number) => {
    if (last?.timeMs !== timeMs) last = { timeMs, sky: weather(seed, timeMs) };
    return last.sky;
  };
  return {
    zones: plan.districts.map(({ zone }) => zone),
    nodes,
    reading({ id }, timeMs) {
      const node = byId.get(id);
      if (!node) throw new Error(`${id} is not a node of this city`);
      return readingOf(seed, node, timeMs, skyAt);
    },
  };
}

function makeNode(plan: Plan, seed: number, index: number): ModelNode {
  const key = hash(seed, 100, index);
  const { districts, roads } = plan;
  // Each round of nine ends in the centre a second time: it is the densest.
  const district = districts[index % (districts.length + 1)] ?? districts[0];
  if (!district) throw new Error('a city has districts');
  const at = placeIn(district, roads, [key]);
  const exposure = roadExposure(roads, at);
  const battery = uniform(key, 61) < BATTERY_SHARE;
  const co2 = !battery && uniform(key, 60) < CO2_SHARE;
  const number = String(index + 1).padStart(3, '0');
  return {
    id: `sim-${number}`,
    name: `Simulated ${number} ${district.name}`,
    ...degrees(at),
    sensors: ['SDS011', 'DHT22', ...(co2 ? ['MH-Z19B'] : []), ...(battery ? ['MAX17048', 'INA219'] : [])],
    tags: ['simulated', exposure > 0.35 ? 'roadside' : 'background', ...(battery ? ['solar'] : [])],
    fault: faultKind(key),
    key,
    at,
    exposure,
    centrality: clamp(1 - Math.hypot(at.east, at.north) / 5_500, 0, 1),
  };
}

/** The air at a node. Particles: a background that drifts over the city, traffic near roads, stoves on cold evenings, all thinned by wind and held down by inversions. */
function airAt(seed: number, node: ModelNode, timeMs: number, sky: Weather): Air {
  const { east, north } = node.at;
  const hours = timeMs / 3_600_000;
  const drift = field(seed, 1, [east / (2.5 * KM), north / (2.5 * KM), hours / 5]);
  const local = field(seed, 2, [east / (0.5 * KM), north / (0.5 * KM), hours / 1.5]);
  const lid = (1 + 2.2 * sky.inversion) / (0.55 + 0.12 * sky.wind);
  const cars = traffic(timeMs);
  const smoke = heating(timeMs, sky.temperature) * (0.4 + 0.6 * (1 - node.exposure));
  const regional = 4.5 * Math.exp(0.7 * wave(seed, 3, timeMs / (2.5 * DAY_MS)));
  const fine = regional + lid * (2 + 1.5 * node.centrality + 9 * cars * node.exposure + 9 * smoke);
  const pm2_5 = Math.max(0.3, fine * (1 + 0.25 * drift + 0.15 * local));
  const dust = (2 + 10 * cars * node.exposure) * clamp(sky.wind / 6, 0.4, 1.8) * (1 - 0.4 * sky.cloud);
  const night = clamp(-sky.sun * 2, 0, 1);
  const temperature = sky.temperature + node.centrality * (0.6 + 1.4 * night * (1 - sky.cloud)) + 0.5 * drift;
  return {
    pm2_5,
    pm10: pm2_5 * 1.25 + dust * (1 + 0.3 * local),
    co2: 424 + 14 * night + 45 * sky.inversion + 70 * cars * node.exposure * Math.min(lid, 2) + 6 * drift,
    temperature,
    humidity: relativeHumidity(temperature, sky.dewPoint + 0.3 * local),
  };
}

const toStep = (value: number, step: number) => Number((Math.round(value / step) * step).toFixed(2));

/**
 * An SDS011 weighs wet particles as if they were dry: growth by the κ-Köhler theory (Petters and Kreidenweis 2007) with κ = 0.3 and a dry density of
 * 1.65 g/cm³, as in Di Antonio et al. 2018. Its humid fault stands for a heater or inlet that collects water.
 */
function growth(humidity: number, humidFault: boolean): number {
  const activity = Math.min(humidity, 96) / 100;
  const grown = 1 + ((0.3 / 1.65) * activity) / (1 - activity);
  return humidFault && humidity > 90 ? grown * (1 + (humidity - 90) / 2.5) : grown;
}

/** Relative change of a drifting sensor's gain in a day; it is cleaned every 60 days. */
const DRIFT_PER_DAY = 0.015;
const DRIFT_DAYS = 60;

function gainOf(key: number, fault: FaultKind | undefined, timeMs: number): number {
  const own = 1 + 0.08 * clamp(normal(key, 70), -2, 2);
  if (fault !== 'DRIFT') return own;
  const days = (timeMs / DAY_MS + DRIFT_DAYS * uniform(key, 71)) % DRIFT_DAYS;
  return own * (1 + DRIFT_PER_DAY * days);
}

/** Particles as the SDS011 of a node gives them, in steps of 0.1 µg/m³. */
function particles(node: ModelNode, timeMs: number, air: Air, kind: FaultKind | undefined) {
  const { key } = node;
  const second = Math.floor(timeMs / 1000);
  const factor = gainOf(key, kind, timeMs) * growth(air.humidity, kind === 'HUMID');
  const noisy = (value: number, channel: number) =>
    value * factor * (1 + 0.05 * normal(key, channel, second)) + 0.25 * normal(key, channel + 1, second);
  const spike = kind === 'SPIKE' && isSpike(key, timeMs) ? 12 + 20 * uniform(key, 74, second) : 1;
  const pm2_5 = clamp(noisy(air.pm2_5, 72) * spike, 0.1, 999.9);
  return {
    pm2_5: toStep(pm2_5, 0.1),
    pm10: toStep(clamp(Math.max(noisy(air.pm10, 75) * spike, pm2_5), 0.1, 999.9), 0.1),
  };
}

type SkyAt = (timeMs: number) => Weather;

function readingOf(
  seed: number,
  node: ModelNode,
  timeMs: number,
  skyAt: SkyAt,
): Readonly<Record<string, number>> | undefined {
  const { key, sensors } = node;
  const fault = faultAt(key, timeMs);
  if (fault?.kind === 'DROP_OUT') return undefined;
  const sky = skyAt(timeMs);
  const air = airAt(seed, node, timeMs, sky);
  const second = Math.floor(timeMs / 1000);
  // A stuck particle sensor goes on giving what it gave when it failed.
  const frozenMs = fault?.kind === 'STUCK' ? Math.floor(fault.sinceMs / 1000) * 1000 : timeMs;
  const seen = frozenMs === timeMs ? air : airAt(seed, node, frozenMs, weather(seed, frozenMs));
  const wet = fault?.kind === 'HUMID' && air.humidity > 90;
  return {
    ...particles(node, frozenMs, seen, fault?.kind),
    temperature: toStep(air.temperature + 0.4 * clamp(normal(key, 80), -2, 2) + 0.1 * normal(key, 81, second), 0.1),
    humidity: wet
      ? 99.9
      : toStep(clamp(air.humidity + 2 * clamp(normal(key, 82), -2, 2) + 0.5 * normal(key, 83, second), 1, 99.9), 0.1),
    ...(sensors.includes('MH-Z19B')
      ? { co2: Math.round(air.co2 + 15 * clamp(normal(key, 84), -2, 2) + 6 * normal(key, 85, second)) }
      : {}),
    ...(sensors.includes('MAX17048') ? power(node, timeMs, sky) : {}),
  };
}

/** A 2.5 W panel and a lithium cell that fills by day and empties by night. */
function power({ key }: ModelNode, timeMs: number, sky: Weather): Readonly<Record<string, number>> {
  const solar = 2.5 * Math.max(0, sky.sun) * (1 - 0.75 * sky.cloud);
  const dayPhase = Math.sin(2 * Math.PI * (timeMs / DAY_MS - 0.45));
  const percent = clamp(68 + 14 * dayPhase + 16 * wave(key, 90, timeMs / (3 * DAY_MS)), 4, 100);
  return {
    solar_power: toStep(solar, 0.01),
    battery_percent: toStep(percent, 0.1),
    battery_voltage: toStep(3.35 + 0.0082 * percent, 0.01),
  };
}
