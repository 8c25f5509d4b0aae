const HOUR_MS = 3_600_000;
/** Steps that divide a day, so that a day's start is always a tick. */
const STEPS_HOURS = [1, 2, 3, 6, 12, 24] as const;

/** Moments for the ticks of a time axis: whole local hours, a day's start among them, at most `ticksMax` where a day is the longest step. */
export function timeTicks(fromMs: number, toMs: number, ticksMax: number): readonly number[] {
  const step = STEPS_HOURS.find((hours) => (toMs - fromMs) / (hours * HOUR_MS) <= ticksMax - 1) ?? 24;
  const ticks: number[] = [];
  const at = new Date(fromMs);
  at.setMinutes(0, 0, 0);
  at.setHours(Math.floor(at.getHours() / step) * step);
  for (; at.getTime() <= toMs; at.setHours(at.getHours() + step)) {
    if (at.getTime() >= fromMs) ticks.push(at.getTime());
  }
  return ticks;
}

/** What stands under a tick: the day where it begins, the hour elsewhere. */
export function tickLabel(timeMs: number, locale?: string): string {
  const time = new Date(timeMs);
  if (time.getHours() === 0) return time.toLocaleDateString(locale, { weekday: 'short', day: 'numeric' });
  return time.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
}
