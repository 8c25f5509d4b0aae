import { type Metric, metricDefinition } from '@greencity/air/metric';
import { Provider } from '@urql/preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type ConnectionState, liveClient } from './client.ts';
import type { CityQuery } from './generated/graphql.ts';
import { liveStations } from './live-stations.ts';
import { type Bounds, type MapLayer, mapLayer } from './map-layer.ts';
import { CITY } from './operations.graphql.ts';
import { BAND_COLOURS, NO_INDEX } from './palette.ts';
import { Panel } from './panel.tsx';
import type { Station } from './station.ts';
import { rowId, StationTable } from './station-table.tsx';
import { readView, type ViewState, writeView } from './view-state.ts';
import { metricName } from './words.ts';

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

interface City {
  readonly devices: number;
  readonly simulated: boolean;
}

/** Where to look first: at the zones that have devices, and at the devices. */
function placesOf({ zones, devices }: CityQuery): readonly (readonly [latitude: number, longitude: number])[] {
  const corners = zones.filter(({ deviceCount }) => (deviceCount ?? 0) > 0).flatMap(({ boundary }) => boundary.flat());
  return [
    ...corners.map(([longitude = 0, latitude = 0]) => [latitude, longitude] as const),
    ...devices.nodes.map(({ location: { latitude, longitude } }) => [latitude, longitude] as const),
  ];
}

function countText(loaded: boolean, count: number): string {
  if (!loaded) return 'loading …';
  return count === 1 ? '1 device in view' : `${count} devices in view`;
}

/** The live map of the city. */
export function App() {
  const live = useMemo(() => liveClient(location.origin), []);
  const [view, change] = useView();
  const [connection, setConnection] = useState<ConnectionState>('connecting');
  const [stations, setStations] = useState<readonly Station[]>([]);
  const [error, setError] = useState<string>();
  const [loaded, setLoaded] = useState(false);
  const [city, setCity] = useState<City>();
  const [looked, setLooked] = useState(false);
  const [bounds, setBounds] = useState<Bounds>();
  const element = useRef<HTMLDivElement>(null);
  const map = useRef<MapLayer>(undefined);

  useEffect(() => live.onConnection(setConnection), [live]);
  useEffect(() => {
    if (!element.current) return;
    const layer = mapLayer(element.current, { onBounds: setBounds, onSelect: (deviceId) => change({ deviceId }) });
    map.current = layer;
    return () => layer.remove();
  }, [change]);
  useEffect(() => {
    if (city || connection === 'lost') return;
    let gone = false;
    void live.urql
      .query(CITY, {}, { requestPolicy: 'network-only' })
      .toPromise()
      .then(({ data }) => {
        if (gone) return;
        // Devices are asked for once it is known where to look, or that this cannot be known now.
        setLooked(true);
        if (!data) return;
        map.current?.drawZones(data.zones);
        map.current?.fit(placesOf(data));
        setCity({
          devices: data.devices.totalCount,
          simulated: data.zones.some((zone) => zone.region.startsWith('Simulated')),
        });
      });
    return () => {
      gone = true;
    };
  }, [live, city, connection]);
  useEffect(() => {
    if (!bounds || !looked) return;
    let first = true;
    setLoaded(false);
    return liveStations(
      live.urql,
      { within: bounds, metric: view.metric },
      {
        onError: setError,
        onAge(all) {
          for (const station of all.values()) map.current?.draw(station, { pulse: false });
          setStations([...all.values()]);
        },
        onStations(changed, all) {
          setError(undefined);
          for (const station of changed) map.current?.draw(station, { pulse: !first });
          map.current?.keepOnly(new Set(all.keys()));
          first = false;
          setLoaded(true);
          setStations([...all.values()]);
        },
      },
    );
  }, [live, bounds, looked, view.metric]);
  useEffect(() => map.current?.select(view.deviceId), [view.deviceId]);

  const close = useCallback(() => {
    const { deviceId, list } = readView(location.hash);
    change({ deviceId: undefined });
    if (deviceId === undefined) return;
    if (list) document.getElementById(rowId(deviceId))?.focus();
    else map.current?.focus(deviceId);
  }, [change]);
  return (
    <Provider value={live.urql}>
      <Header view={view} change={change} />
      {city?.simulated && (
        <section class="banner" aria-label="Simulated">
          Simulated city: these numbers are made up by a model, not measured.
        </section>
      )}
      <main>
        <div ref={element} class="map" inert={view.list} />
        {view.list && <StationTable stations={stations} onSelect={(deviceId) => change({ deviceId })} />}
        {view.deviceId && <Panel id={view.deviceId} metric={view.metric} onClose={close} />}
        {!view.list && <Legend metric={view.metric} />}
        {loaded && stations.length === 0 && <Nothing metric={view.metric} devices={city?.devices} />}
      </main>
      <footer>
        <span class={`connection ${connection}`} role="status">
          {CONNECTION_TEXT[connection]}
        </span>
        <span data-testid="count">{countText(loaded, stations.length)}</span>
        {error && <span role="alert">{error}</span>}
        <a href="/docs/">API</a>
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
            {metricName(metric)}
          </button>
        ))}
        <button type="button" aria-pressed={view.list} onClick={() => change({ list: !view.list })}>
          List view
        </button>
      </nav>
    </header>
  );
}

const ROOMY = '(min-width: 701px) and (min-height: 561px)';

function Legend({ metric }: { readonly metric: Metric }) {
  return (
    <section class="legend" aria-label="Legend">
      <details open={matchMedia(ROOMY).matches}>
        <summary>
          {metricName(metric)} in {metricDefinition(metric).unit}; colour: European index
        </summary>
        <p>The number is the newest value as measured, the colour the European index of the last hour.</p>
        <p>
          Ring: solid live, dashed older than 10 min, dotted older than 1 h, faded offline. Struck through: not to be
          trusted.
        </p>
      </details>
      <ol>
        {BAND_COLOURS.map((band, index) => (
          <li key={band.label} style={{ background: band.fill, color: band.text }}>
            {index + 1} {band.label}
          </li>
        ))}
        <li style={{ background: NO_INDEX.fill, color: NO_INDEX.text }}>{NO_INDEX.label}</li>
      </ol>
    </section>
  );
}

/** Says why nothing is shown. */
function Nothing({ metric, devices }: { readonly metric: Metric; readonly devices: number | undefined }) {
  return (
    <p class="nothing" role="status">
      {devices === 0
        ? 'This city has no devices yet. As soon as one is registered and publishes, it is shown here.'
        : `No device in view has a value of ${metricName(metric)}. Look elsewhere on the map, or at another number.`}
    </p>
  );
}
