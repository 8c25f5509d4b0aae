import { type Metric, metricDefinition } from '@greencity/air/metric';
import { Provider } from '@urql/preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type ConnectionState, liveClient } from './client.ts';
import { liveStations } from './live-stations.ts';
import { type Bounds, type MapLayer, mapLayer } from './map-layer.ts';
import { CITY } from './operations.graphql.ts';
import { BAND_COLOURS } from './palette.ts';
import { Panel } from './panel.tsx';
import type { Station } from './station.ts';
import { StationTable } from './station-table.tsx';
import { readView, type ViewState, writeView } from './view-state.ts';

const CHOICES: readonly Metric[] = ['PM2_5', 'PM10', 'CO2', 'TEMPERATURE', 'HUMIDITY'];
const CONNECTION_TEXT: Readonly<Record<ConnectionState, string>> = {
  connecting: 'connecting …',
  live: 'live',
  lost: 'connection lost, trying again',
};

/** The view in the address, and how to change it. */
function useView(): readonly [ViewState, (change: Partial<ViewState>) => void] {
  const [view, setView] = useState(() => readView(location.hash));
  useEffect(() => {
    const onHash = () => setView(readView(location.hash));
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);
  const change = useCallback((part: Partial<ViewState>) => {
    location.hash = writeView({ ...readView(location.hash), ...part });
  }, []);
  return [view, change];
}

/** The live map of the city. */
export function App() {
  const live = useMemo(() => liveClient(location.origin), []);
  const [view, change] = useView();
  const [connection, setConnection] = useState<ConnectionState>('connecting');
  const [stations, setStations] = useState<readonly Station[]>([]);
  const [error, setError] = useState<string>();
  const [simulated, setSimulated] = useState(false);
  const [bounds, setBounds] = useState<Bounds>();
  const element = useRef<HTMLDivElement>(null);
  const map = useRef<MapLayer>(undefined);

  useEffect(() => live.onConnection(setConnection), [live]);
  useEffect(() => {
    if (!element.current) return;
    const layer = mapLayer(element.current, { onBounds: setBounds, onSelect: (deviceId) => change({ deviceId }) });
    map.current = layer;
    void live.urql
      .query(CITY, {})
      .toPromise()
      .then(({ data }) => {
        if (!data) return;
        layer.drawZones(data.zones);
        setSimulated(data.zones.some((zone) => zone.region.startsWith('Simulated')));
        layer.fit(data.devices.nodes.map((device) => [device.location.latitude, device.location.longitude] as const));
      });
    return () => layer.remove();
  }, [live, change]);
  useEffect(() => {
    if (!bounds) return;
    let first = true;
    return liveStations(
      live.urql,
      { within: bounds, metric: view.metric },
      {
        onError: setError,
        onStations(changed, all) {
          setError(undefined);
          for (const station of changed) map.current?.draw(station, { pulse: !first });
          map.current?.keepOnly(new Set(all.keys()));
          first = false;
          setStations([...all.values()]);
        },
      },
    );
  }, [live, bounds, view.metric]);
  useEffect(() => map.current?.select(view.deviceId), [view.deviceId]);

  const close = useCallback(() => change({ deviceId: undefined }), [change]);
  return (
    <Provider value={live.urql}>
      <Header view={view} change={change} />
      {simulated && <p class="banner">Simulated city: these numbers are made up by a model, not measured.</p>}
      <main>
        <div ref={element} class="map" hidden={view.list} />
        {view.list && <StationTable stations={stations} onSelect={(deviceId) => change({ deviceId })} />}
        {view.deviceId && <Panel id={view.deviceId} metric={view.metric} onClose={close} />}
        <Legend metric={view.metric} />
      </main>
      <footer>
        <span class={`connection ${connection}`} role="status">
          {CONNECTION_TEXT[connection]}
        </span>
        <span data-testid="count">{stations.length} devices in view</span>
        {error && <span role="alert">{error}</span>}
        <a href="/graphiql/">Explore the graph</a>
      </footer>
    </Provider>
  );
}

interface HeaderProps {
  readonly view: ViewState;
  readonly change: (part: Partial<ViewState>) => void;
}

function Header({ view, change }: HeaderProps) {
  return (
    <header>
      <h1>GreenCity</h1>
      <nav aria-label="What is shown">
        {CHOICES.map((metric) => (
          <button key={metric} type="button" aria-pressed={metric === view.metric} onClick={() => change({ metric })}>
            {metric.replace('_', '.')}
          </button>
        ))}
        <button type="button" aria-pressed={view.list} onClick={() => change({ list: !view.list })}>
          List view
        </button>
      </nav>
    </header>
  );
}

function Legend({ metric }: { readonly metric: Metric }) {
  return (
    <section class="legend" aria-label="Legend">
      <p>
        Number: {metric.replace('_', '.')} in {metricDefinition(metric).unit}, as measured. Colour: European index of
        the last hour.
      </p>
      <ol>
        {BAND_COLOURS.map((band, index) => (
          <li key={band.label} style={{ background: band.fill, color: band.text }}>
            {index + 1} {band.label}
          </li>
        ))}
      </ol>
      <p>
        Ring: solid live, dashed older than 10 min, dotted older than 1 h, faded offline. Struck through: not to be
        trusted.
      </p>
    </section>
  );
}
