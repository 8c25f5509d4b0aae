/** What the replay prints: a line that moves on a terminal, a line now and then in a file, and a summary. */
import type { Clock } from '@greencity/platform/clock/port';
import type { Progress, ReplaySummary } from './replay.ts';

const TERMINAL_EVERY_MS = 200;
const FILE_EVERY_MS = 10_000;

export interface Screen {
  readonly terminal: boolean;
  write(text: string): void;
}

const whole = (value: number) => Math.round(value).toLocaleString('en');

/** A length of time for a person. */
export function duration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${Math.floor(seconds % 60)} s` : `${Math.ceil(seconds)} s`;
}

/** Shows progress, at most a few times a second. */
export function progressLine(screen: Screen, clock: Clock): { show(progress: Progress): void; end(): void } {
  const everyMs = screen.terminal ? TERMINAL_EVERY_MS : FILE_EVERY_MS;
  const startMs = clock.nowMs();
  let shownMs = startMs;
  let shown = false;
  return {
    show(progress) {
      const nowMs = clock.nowMs();
      if (nowMs - shownMs < everyMs) return;
      shownMs = nowMs;
      shown = true;
      const text = line(progress, (nowMs - startMs) / 1000);
      screen.write(screen.terminal ? `\r${text}\u001b[K` : `${text}\n`);
    },
    end() {
      if (screen.terminal && shown) screen.write('\n');
      shown = false;
    },
  };
}

function line({ rows, rowsAll, acknowledged, live }: Progress, seconds: number): string {
  if (live) return `live: ${whole(acknowledged)} readings acknowledged`;
  const rate = acknowledged / Math.max(seconds, 0.001);
  const left = rows > 0 ? (seconds / rows) * (rowsAll - rows) : 0;
  const percent = Math.floor((100 * rows) / Math.max(rowsAll, 1));
  return `${percent} %  ${whole(acknowledged)} readings acknowledged  ${whole(rate)}/s  ${duration(left)} left`;
}

/** The closing lines. */
export function summaryText(summary: ReplaySummary): string {
  const { rows, skipped, valuesNotNumbers, published, acknowledged, messages, devices, seconds } = summary;
  const time = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
  const skippedRows = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  const reasons = [...skipped].map(([reason, count]) => `${reason} ${whole(count)}`).join(', ');
  return [
    `${whole(rows)} rows read, ${whole(skippedRows)} skipped${reasons ? ` (${reasons})` : ''}.`,
    ...(valuesNotNumbers > 0 ? [`${whole(valuesNotNumbers)} values left out of other rows: not a number.`] : []),
    `${whole(published)} readings of ${devices} devices published in ${whole(messages)} messages, ${whole(acknowledged)} acknowledged, ` +
      `in ${duration(seconds)} (${whole(acknowledged / Math.max(seconds, 0.001))}/s).`,
    `They are from ${time(summary.fromMs)} to ${time(summary.toMs)} UTC.`,
  ].join('\n');
}
