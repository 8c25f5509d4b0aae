/** `npm run replay -- FILE`: real measurements through MQTT, as the devices that made them. */
import { parseArgs } from 'node:util';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { openApi } from '../operator/api.ts';
import { INTERRUPTED, runProgram } from '../operator/program.ts';
import { findPlatform, positive, UsageError, WHERE_OPTIONS, WHERE_USAGE } from '../operator/where.ts';
import { progressLine, summaryText } from './console.ts';
import { type ReplayOptions, replay } from './replay.ts';

const USAGE = `Usage: npm run replay -- FILE [--speed N] [--until-end] [--original-time] [--zones FILE.geojson | --no-zones]

FILE is a CSV of the Sensor.Community archive, plain or .gz. Its places are registered as devices sc-<place>, and their readings
are published over MQTT with the devices' own credentials.

  --speed N         N times real time; without it as fast as possible
  --until-end       stops at the end of the file; without it the data starts over, live, so that the map stays alive
  --original-time   keeps the times of the file (the platform refuses what is older than its ACCEPT_AGE_DAYS);
                    without it they are shifted so that the data ends now
  --zones FILE      zones from a GeoJSON FeatureCollection of polygons with a "name"; without it, and where the platform
                    has no zones yet, a grid over the devices
  --no-zones        makes no zones
${WHERE_USAGE}`;

function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...WHERE_OPTIONS,
      speed: { type: 'string' },
      'until-end': { type: 'boolean', default: false },
      'original-time': { type: 'boolean', default: false },
      zones: { type: 'string' },
      'no-zones': { type: 'boolean', default: false },
    },
  });
  const [file, ...more] = positionals;
  if (file === undefined) throw new UsageError('Which file? Give the path of a Sensor.Community CSV.');
  if (more.length > 0) throw new UsageError(`One file at a time, not also "${more.join(' ')}".`);
  if (values.zones !== undefined && values['no-zones'])
    throw new UsageError('--zones and --no-zones exclude each other.');
  return { file, values };
}

function zonesOf(values: ReturnType<typeof readArguments>['values']): ReplayOptions['zones'] {
  if (values['no-zones']) return { kind: 'none' };
  return values.zones === undefined ? { kind: 'made' } : { kind: 'file', path: values.zones };
}

await runProgram({
  usage: USAGE,
  async run(args, signal) {
    const { file, values } = readArguments(args);
    const { url, mqttUrl, credentials } = findPlatform(values, process.env);
    const clock = systemClock();
    const screen = {
      terminal: process.stderr.isTTY === true,
      write: (text: string) => void process.stderr.write(text),
    };
    const progress = progressLine(screen, clock);
    const summary = await replay({
      file,
      speed: values.speed === undefined ? undefined : positive('speed', values.speed),
      originalTime: values['original-time'],
      untilEnd: values['until-end'],
      zones: zonesOf(values),
      api: openApi(url, credentials),
      mqttUrl,
      clock,
      signal,
      say: (sentence) => {
        progress.end();
        screen.write(`${sentence}\n`);
      },
      onProgress: progress.show,
    }).finally(progress.end);
    process.stdout.write(`${summaryText(summary)}\n`);
    return summary.interrupted ? INTERRUPTED : 0;
  },
});
