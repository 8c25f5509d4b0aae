import { Chart, Filler, Legend, LinearScale, LineController, LineElement, PointElement, Tooltip } from 'chart.js';
import { tickLabel, timeTicks } from './time-ticks.ts';

Chart.register(Filler, Legend, LinearScale, LineController, LineElement, PointElement, Tooltip);

export interface ChartPoint {
  readonly timeMs: number;
  readonly value: number;
  readonly lower?: number;
  readonly upper?: number;
}

export interface SeriesChart {
  readonly unit: string;
  readonly measured: readonly ChartPoint[];
  readonly forecast: readonly ChartPoint[];
}

const HOUR_MS = 3_600_000;
const TICKS_MAX = 6;

/** A moment as its reader writes it, with the zone that it is told in. */
const whenText = (timeMs: number): string =>
  new Date(timeMs).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) +
  ` (${Intl.DateTimeFormat().resolvedOptions().timeZone})`;

const line = (points: readonly ChartPoint[], pick: (point: ChartPoint) => number | undefined) =>
  points.map((point) => ({ x: point.timeMs, y: pick(point) ?? point.value }));

/** The page's own colours, those of its light or dark dress. */
function colours(element: Element) {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return { measured: of('--measured'), forecast: of('--forecast'), text: of('--soft'), grid: of('--line') };
}

/** Hourly means as a line with gaps where hours are missing, the forecast with its interval behind it. */
export function drawChart(canvas: HTMLCanvasElement, series: SeriesChart): { remove(): void } {
  const { measured, forecast, text, grid } = colours(canvas);
  const axis = { grid: { color: grid }, border: { color: grid } };
  const soft = { pointRadius: 0, borderWidth: 0, borderColor: 'transparent' };
  const chart = new Chart(canvas, {
    type: 'line',
    data: {
      datasets: [
        {
          label: 'Measured, hourly mean',
          data: line(series.measured, (point) => point.value),
          borderColor: measured,
          backgroundColor: measured,
          pointStyle: 'circle',
          pointRadius: 1.5,
          borderWidth: 2,
          segment: {
            borderColor: (context) =>
              (context.p1.parsed.x ?? 0) - (context.p0.parsed.x ?? 0) > 1.5 * HOUR_MS ? 'transparent' : undefined,
          },
        },
        {
          label: 'Forecast',
          data: line(series.forecast, (point) => point.value),
          borderColor: forecast,
          backgroundColor: forecast,
          pointStyle: 'line',
          borderWidth: 2,
          pointRadius: 0,
          borderDash: [5, 4],
        },
        { ...soft, label: 'upper', data: line(series.forecast, (point) => point.upper) },
        {
          ...soft,
          label: '80 % interval',
          pointStyle: 'rect',
          data: line(series.forecast, (point) => point.lower),
          backgroundColor: `${forecast}33`,
          fill: '-1',
        },
      ],
    },
    options: {
      animation: false,
      parsing: false,
      maintainAspectRatio: false,
      scales: {
        x: {
          ...axis,
          type: 'linear',
          bounds: 'data',
          afterBuildTicks: (axis) => {
            axis.ticks = timeTicks(axis.min, axis.max, TICKS_MAX).map((value) => ({ value }));
          },
          ticks: { color: text, callback: (value) => tickLabel(Number(value)) },
        },
        y: {
          ...axis,
          beginAtZero: true,
          ticks: { color: text },
          title: { display: true, text: series.unit, color: text },
        },
      },
      plugins: {
        legend: {
          position: 'bottom',
          labels: {
            color: text,
            boxWidth: 18,
            usePointStyle: true,
            filter: (item) => item.text !== 'upper' && (series.forecast.length > 0 || item.datasetIndex === 0),
          },
        },
        tooltip: { callbacks: { title: ([item]) => (item ? whenText(item.parsed.x ?? 0) : '') } },
      },
    },
  });
  return { remove: () => chart.destroy() };
}
