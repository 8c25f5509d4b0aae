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
const MEASURED = '#2F6F9F';
const FORECAST = '#8A5FB0';
const TICKS_MAX = 6;

const line = (points: readonly ChartPoint[], pick: (point: ChartPoint) => number | undefined) =>
  points.map((point) => ({ x: point.timeMs, y: pick(point) ?? point.value }));

/** Hourly means as a line with gaps where hours are missing, the forecast with its interval behind it. */
export function drawChart(canvas: HTMLCanvasElement, series: SeriesChart): { remove(): void } {
  const soft = { pointRadius: 0, borderWidth: 0, borderColor: 'transparent' };
  const chart = new Chart(canvas, {
    type: 'line',
    data: {
      datasets: [
        {
          label: 'Measured, hourly mean',
          data: line(series.measured, (point) => point.value),
          borderColor: MEASURED,
          backgroundColor: MEASURED,
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
          borderColor: FORECAST,
          backgroundColor: FORECAST,
          pointRadius: 0,
          borderWidth: 2,
          borderDash: [5, 4],
        },
        { ...soft, label: 'upper', data: line(series.forecast, (point) => point.upper) },
        {
          ...soft,
          label: '80 % interval',
          data: line(series.forecast, (point) => point.lower),
          backgroundColor: `${FORECAST}33`,
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
          type: 'linear',
          bounds: 'data',
          afterBuildTicks: (axis) => {
            axis.ticks = timeTicks(axis.min, axis.max, TICKS_MAX).map((value) => ({ value }));
          },
          ticks: { callback: (value) => tickLabel(Number(value)) },
        },
        y: { beginAtZero: true, title: { display: true, text: series.unit } },
      },
      plugins: {
        legend: {
          position: 'bottom',
          labels: {
            boxWidth: 14,
            filter: (item) => item.text !== 'upper' && (series.forecast.length > 0 || item.datasetIndex === 0),
          },
        },
        tooltip: { callbacks: { title: ([item]) => (item ? new Date(item.parsed.x ?? 0).toLocaleString() : '') } },
      },
    },
  });
  return { remove: () => chart.destroy() };
}
