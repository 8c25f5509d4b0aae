/** Replays a file of the Sensor.Community archive through the platform, as the devices that measured it. */
import type { Clock } from '@greencity/platform/clock/port';
import type { Api } from '../operator/api.ts';
import { type DeviceCredentials, ensureDevice, forEachOfMany, saveZones, zoneIds } from '../operator/roster.ts';
import { FormatError, type SkipReason } from './csv.ts';
import { readLines } from './lines.ts';
import { openPublisher, type Publisher } from './publisher.ts';
import { type ReplayDevice, type Survey, surveyLines } from './survey.ts';
import { type Timing, timing } from './timing.ts';
import { readZones, zonesFromPlaces } from './zones.ts';

/** Rows may be out of order by as much when they are paced; sensors of one node report within minutes. */
const DISORDER_MS_MAX = 600_000;
const REPORT_EVERY_ROWS = 500;
const LIVE_ROUND_MS_MIN = 1_000;

export interface ReplayOptions {
  readonly file: string;
  /** Times real time; undefined is as fast as possible. */
  readonly speed: number | undefined;
  readonly originalTime: boolean;
  /** Without it the data starts over in real time once its history is in, until the signal. */
  readonly untilEnd: boolean;
  readonly zones:
    | { readonly kind: 'none' }
    | { readonly kind: 'made' }
    | { readonly kind: 'file'; readonly path: string };
  readonly api: Api;
  readonly mqttUrl: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Takes a sentence about what happens. */
  readonly say: (sentence: string) => void;
  /** Called often with how far it is. */
  readonly onProgress: (progress: Progress) => void;
}

export interface Progress {
  readonly rows: number;
  readonly rowsAll: number;
  readonly published: number;
  readonly acknowledged: number;
  /** Set in the rounds that follow the first, which have no end. */
  readonly live: boolean;
}

export interface ReplaySummary {
  readonly devices: number;
  readonly rows: number;
  readonly skipped: ReadonlyMap<SkipReason, number>;
  readonly valuesNotNumbers: number;
  readonly published: number;
  readonly acknowledged: number;
  readonly messages: number;
  /** Times that the first and last reading of the history were given, Unix ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly seconds: number;
  /** True when the signal ended it before the end of the file. */
  readonly interrupted: boolean;
}

/** Resolves at the end of the file, or when the signal is aborted; all that was published is acknowledged then. @throws ApiError, FormatError */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const { file, clock, say } = options;
  const survey = await surveyLines(readLines(file));
  say(describe(survey));
  if (options.speed !== undefined && survey.disorderMs > DISORDER_MS_MAX) {
    throw new FormatError(
      '--speed needs rows in the order of time. Sort the file by its column "timestamp", or leave --speed out.',
    );
  }
  await makeZones(options, survey);
  const credentials = await register(options.api, survey);
  const startMs = clock.nowMs();
  const first = timing({ ...survey, startMs, speed: options.speed, originalTime: options.originalTime });
  const counts = { published: 0, acknowledged: 0, messages: 0 };
  {
    await using publisher = await openPublisher({ ...options, credentials, packed: options.speed === undefined });
    await round(options, survey, { publisher, timing: first, live: false });
    Object.assign(counts, publisher.counts);
  }
  const seconds = (clock.nowMs() - startMs) / 1000;
  const interrupted = options.signal.aborted;
  if (!options.untilEnd) await keepAlive(options, survey, credentials);
  const { rows, skipped, valuesNotNumbers, firstMs, lastMs } = survey;
  const range = { fromMs: firstMs + first.shiftMs, toMs: lastMs + first.shiftMs };
  return { devices: survey.devices.size, rows, skipped, valuesNotNumbers, ...counts, ...range, seconds, interrupted };
}

function describe({ devices, rows, firstMs, lastMs }: Survey): string {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  return `${rows.toLocaleString('en')} rows of ${devices.size} devices, ${day(firstMs)} to ${day(lastMs)} UTC.`;
}

/** Zones of the user's file; else, where the platform has none yet, a grid over the devices. A grid over another file's would move the devices of the first. */
async function makeZones({ zones, api, say }: ReplayOptions, { devices }: Survey): Promise<void> {
  if (zones.kind === 'none') return;
  if (zones.kind === 'made' && (await zoneIds(api)).length > 0) return;
  const drafts = zones.kind === 'file' ? await readZones(zones.path) : zonesFromPlaces([...devices.values()]);
  await saveZones(api, drafts);
  say(`${drafts.length} zones: ${drafts.map(({ name }) => name).join(', ')}.`);
}

async function register(api: Api, { devices }: Survey): Promise<ReadonlyMap<string, DeviceCredentials>> {
  const pairs = await forEachOfMany([...devices.values()], async (device): Promise<[string, DeviceCredentials]> => {
    return [device.id, await ensureDevice(api, draft(device))];
  });
  return new Map(pairs);
}

function draft({ id, location, latitude, longitude, sensors }: ReplayDevice) {
  const name = `Sensor.Community ${location}`;
  return { id, name, latitude, longitude, sensors: [...sensors], tags: ['replay', 'sensor.community'] };
}

interface Round {
  readonly publisher: Publisher;
  readonly timing: Timing;
  readonly live: boolean;
}

/** Sends the whole file once. */
async function round(options: ReplayOptions, survey: Survey, { publisher, timing: when, live }: Round): Promise<void> {
  const { clock, signal, onProgress } = options;
  let rows = -1;
  const report = () => onProgress({ rows, rowsAll: survey.rows, ...publisher.counts, live });
  for await (const line of readLines(options.file)) {
    rows += 1;
    if (rows === 0) continue;
    if (signal.aborted) break;
    const parsed = survey.parse(line);
    if (parsed.kind === 'skipped') continue;
    const { row } = parsed;
    const waitMs = when.sendAtMs(row.timeMs) - clock.nowMs();
    if (waitMs > 0) {
      report();
      await clock.sleep(waitMs, signal);
      if (signal.aborted) break;
    }
    await publisher.send(survey.deviceOf(row).id, { timeMs: row.timeMs + when.shiftMs, values: row.values });
    if (rows % REPORT_EVERY_ROWS === 0) report();
  }
  await publisher.flush();
  report();
}

/** Goes on in real time, from the start of the data again and again. */
async function keepAlive(
  options: ReplayOptions,
  survey: Survey,
  credentials: ReadonlyMap<string, DeviceCredentials>,
): Promise<void> {
  if (options.originalTime || options.signal.aborted) return;
  if (survey.disorderMs > DISORDER_MS_MAX) {
    options.say('The rows are not in the order of time, so that they cannot be replayed live. Done.');
    return;
  }
  options.say('The history is in. Now live, from the start of the data again, until Ctrl-C (--until-end stops here).');
  await using publisher = await openPublisher({ ...options, credentials, packed: false });
  while (!options.signal.aborted) {
    const startMs = options.clock.nowMs();
    const live = timing({ ...survey, startMs, speed: 1, originalTime: false, live: true });
    await round(options, survey, { publisher, timing: live, live: true });
    // A file of a moment would otherwise be sent without a pause.
    await options.clock.sleep(Math.max(0, startMs + LIVE_ROUND_MS_MIN - options.clock.nowMs()), options.signal);
  }
}
