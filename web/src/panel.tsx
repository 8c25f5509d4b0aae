import { useQuery } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChartPoint } from './chart.ts';
import { faultText } from './fault-text.ts';
import type { Metric, PanelQuery } from './generated/graphql.ts';
import { PANEL } from './operations.graphql.ts';
import { bandColour } from './palette.ts';
import { ageText } from './station.ts';
import { metricName, numberText } from './words.ts';

type Device = NonNullable<PanelQuery['device']>;

const DAY_MS = 86_400_000;
const REFRESH_MS = 30_000;

interface PanelProps {
  readonly id: string;
  readonly metric: Metric;
  readonly onClose: () => void;
}

/** The last day, ending at the next whole half minute: the same question for as long, and a new one after. */
function lastDay(nowMs: number): { readonly from: string; readonly to: string } {
  const toMs = Math.ceil(nowMs / REFRESH_MS) * REFRESH_MS;
  return { from: new Date(toMs - DAY_MS).toISOString(), to: new Date(toMs).toISOString() };
}

/** What the panel shows: the device, or why it cannot. Asked for again every half minute. */
function useDevice({ id, metric }: Pick<PanelProps, 'id' | 'metric'>) {
  const [range, setRange] = useState(() => lastDay(Date.now()));
  useEffect(() => {
    const timer = setInterval(() => setRange(lastDay(Date.now())), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const [{ data, error }] = useQuery({
    query: PANEL,
    variables: { id, metric, ...range },
    requestPolicy: 'network-only',
  });
  const shown = useRef<PanelQuery>(undefined);
  if (data) shown.current = data;
  // While the next answer is on its way, and when there is none, what was last known stays.
  const known = data ?? shown.current;
  const device = known?.device?.id === id || known?.device === null ? known?.device : undefined;
  return { device, error: error && !data ? faultText(error) : undefined };
}

/** Everything about one device: its index, newest values, the last day and the next. */
export function Panel({ id, metric, onClose }: PanelProps) {
  const { device, error } = useDevice({ id, metric });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && onClose();
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [onClose]);
  const panel = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another device is another panel, and the keyboard goes there.
  useEffect(() => panel.current?.focus(), [id]);
  return (
    <aside ref={panel} tabIndex={-1} class="panel" aria-label="Device" aria-busy={device === undefined && !error}>
      <button type="button" class="close" onClick={onClose} aria-label="Close">
        ×
      </button>
      {error && <p role="alert">{error}</p>}
      {device === null && <p>There is no device “{id}”.</p>}
      {device === undefined && !error && <p>Loading …</p>}
      {device && <DeviceFacts device={device} metric={metric} />}
    </aside>
  );
}

function DeviceFacts({ device, metric }: { readonly device: Device; readonly metric: Metric }) {
  const index = device.airQuality;
  const colour = bandColour(index?.band);
  return (
    <>
      <h2>{device.name}</h2>
      <p class="facts">
        {device.zone.name} · {device.environment.toLowerCase()} · {device.status.toLowerCase()}
        {device.lastSeenAt && ` · ${ageText(device.lastSeenAt, Date.now())}`}
      </p>
      {device.tags.includes('simulated') && <p class="simulated">Simulated device: no measurement of real air.</p>}
      <p class="index" style={{ background: colour.fill, color: colour.text }}>
        {index ? `European index ${index.index}: ${index.label}` : 'No index: values are missing or not to be trusted'}
        {index?.partial && (
          <small>
            {' '}
            indicative: {metricName(index.dominantMetric)}, {Math.round(index.completeness)} % of the hour
          </small>
        )}
      </p>
      {device.alerts?.nodes.map((alert) => (
        <p key={alert.id} class="alert" role="status">
          {alert.severity}: {alert.title}
        </p>
      ))}
      <SeriesFigure device={device} metric={metric} />
      <LatestTable device={device} />
      <p class="sensors">{device.sensors.map((sensor) => sensor.model).join(', ') || 'no sensors listed'}</p>
    </>
  );
}

function chartPoints(
  points:
    | readonly { readonly time: string; readonly value: number; readonly lower?: number; readonly upper?: number }[]
    | undefined,
): readonly ChartPoint[] {
  return (points ?? []).map(({ time, ...rest }) => ({ timeMs: Date.parse(time), ...rest }));
}

function SeriesFigure({ device, metric }: { readonly device: Device; readonly metric: Metric }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { series, forecast } = device;
  useEffect(() => {
    let chart: { remove(): void } | undefined;
    let gone = false;
    void import('./chart.ts').then(({ drawChart }) => {
      if (gone || !canvas.current) return;
      chart = drawChart(canvas.current, {
        unit: series?.unit ?? '',
        measured: chartPoints(series?.points),
        forecast: chartPoints(forecast?.points),
      });
    });
    return () => {
      gone = true;
      chart?.remove();
    };
  }, [series, forecast]);
  return (
    <figure>
      <div class="chart">
        <canvas ref={canvas} role="img" aria-label={`${metricName(metric)} of the last 24 hours and its forecast`} />
      </div>
      <figcaption>
        {metricName(metric)}, hourly means of the last 24 h
        {forecast &&
          `; forecast by ${forecast.model}${typeof forecast.skill === 'number' ? `, skill ${numberText(forecast.skill)}` : ''}`}
      </figcaption>
    </figure>
  );
}

function LatestTable({ device }: { readonly device: Device }) {
  return (
    <table>
      <caption>Newest values</caption>
      <tbody>
        {device.latest?.map((measurement) => (
          <tr key={measurement.metric} class={measurement.quality.toLowerCase()}>
            <th scope="row">{metricName(measurement.metric)}</th>
            <td>
              {numberText(measurement.value)} {measurement.unit}
              {typeof measurement.correctedValue === 'number' && (
                <small> ({numberText(measurement.correctedValue)} corrected)</small>
              )}
            </td>
            <td>{measurement.flags.join(', ') || measurement.quality.toLowerCase()}</td>
            <td>{ageText(measurement.time, Date.now())}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
