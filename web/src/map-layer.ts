import L from 'leaflet';
import { bandColour } from './palette.ts';
import { ageText, freshness, markerText, type Station } from './station.ts';
import { oneTabStop } from './tab-stop.ts';
import { numberText } from './words.ts';

export interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface ZoneShape {
  readonly id: string;
  readonly name: string;
  readonly boundary: readonly (readonly (readonly number[])[])[];
}

/** The map itself: zones as its base, a marker for each device. Everything it draws it is told; it asks for nothing. */
export interface MapLayer {
  drawZones(zones: readonly ZoneShape[]): void;
  /** Draws or redraws a device; with `pulse` it shows for a moment that a value is new. */
  draw(station: Station, options: { readonly pulse: boolean }): void;
  /** Removes devices that are not in the set. */
  keepOnly(ids: ReadonlySet<string>): void;
  select(id: string | undefined): void;
  /** Gives the keyboard to a device's marker. */
  focus(id: string): void;
  fit(points: readonly (readonly [latitude: number, longitude: number])[]): void;
  remove(): void;
}

export interface MapEvents {
  /** The visible part, each time it has come to rest. */
  onBounds(bounds: Bounds): void;
  onSelect(id: string): void;
}

const MARKER_PX = 34;
const PULSE_MS = 600;
const FIRST_VIEW: L.LatLngTuple = [57.15, -2.11];
/** Around the outermost devices, of what they span: markers are small, and the next larger map shows them apart. */
const FIT_MARGIN = 0.05;

/** How a marker looks. */
function looks(
  station: Station,
  nowMs: number,
): { readonly className: string; readonly css: string; readonly text: string } {
  const colour = bandColour(station.device.airQuality?.band);
  const quality = station.quality === 'BAD' ? ' bad' : '';
  return {
    className: `marker ${freshness(station, nowMs)}${quality}`,
    css: `background:${colour.fill};color:${colour.text}`,
    text: markerText(station.value),
  };
}

function newMarker(id: string): L.Marker {
  const face = document.createElement('span');
  face.dataset['device'] = id;
  const icon = L.divIcon({ html: face, className: 'marker-box', iconSize: [MARKER_PX, MARKER_PX] });
  return L.marker([0, 0], { icon, keyboard: true });
}

/** Changes of a marker what is another: to lay out two thousand again takes half a second. */
function redraw(marker: L.Marker, station: Station, nowMs: number): void {
  const { latitude, longitude } = station.device.location;
  const at = marker.getLatLng();
  if (at.lat !== latitude || at.lng !== longitude) marker.setLatLng([latitude, longitude]);
  const box = marker.getElement();
  const face = box?.firstElementChild;
  if (!box || !face) return;
  const { className, css, text } = looks(station, nowMs);
  const words = description(station, nowMs);
  if (!face.classList.contains('pulse') && face.className !== className) face.className = className;
  if (face.getAttribute('style') !== css) face.setAttribute('style', css);
  if (face.textContent !== text) face.textContent = text;
  for (const name of ['aria-label', 'title']) if (box.getAttribute(name) !== words) box.setAttribute(name, words);
}

/** What a screen reader says of a marker, and what hovering shows. */
function description(station: Station, nowMs: number): string {
  const index = station.device.airQuality ? `, European index ${bandColour(station.device.airQuality.band).label}` : '';
  const doubt = station.quality === 'GOOD' ? '' : `, quality ${station.quality.toLowerCase()}`;
  const rounded = markerText(station.value);
  const exact = numberText(station.value);
  const value = rounded === exact ? `${exact} ${station.unit}` : `${rounded} ${station.unit} (${exact})`;
  return `${station.device.name}: ${value}${index}${doubt}, ${ageText(station.time, nowMs)}`;
}

function pulse(marker: L.Marker): void {
  const element = marker.getElement()?.firstElementChild;
  element?.classList.add('pulse');
  setTimeout(() => element?.classList.remove('pulse'), PULSE_MS);
}

function drawZones(layer: L.LayerGroup, shapes: readonly ZoneShape[]): void {
  layer.clearLayers();
  for (const shape of shapes) {
    const rings = shape.boundary.map((ring) =>
      ring.map(([longitude, latitude]): L.LatLngTuple => [latitude ?? 0, longitude ?? 0]),
    );
    if (rings.length === 0) continue;
    const name = { permanent: true, direction: 'center', className: 'zone-name' } as const;
    L.polygon(rings, { className: 'zone', interactive: false }).bindTooltip(shape.name, name).addTo(layer);
  }
}

function visible(map: L.Map): Bounds {
  const bounds = map.getBounds();
  return { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() };
}

/** A Leaflet map in an element. It draws zones and devices only, and so needs no tile server. */
export function mapLayer(element: HTMLElement, events: MapEvents): MapLayer {
  const reduced = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const map = L.map(element, { zoomAnimation: !reduced, fadeAnimation: !reduced, minZoom: 3, maxZoom: 18 });
  map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a>');
  L.control.scale({ imperial: false }).addTo(map);
  const zones = L.layerGroup().addTo(map);
  const markers = new Map<string, L.Marker>();
  const drawnTimes = new Map<string, string>();
  const stop = oneTabStop(map, markers);
  const resized = new ResizeObserver(() => map.invalidateSize({ animate: false }));
  resized.observe(element);
  const elementOf = (id: string | undefined) => markers.get(id ?? '')?.getElement();
  let selected: string | undefined;

  map.on('moveend', () => events.onBounds(visible(map)));
  map.setView(FIRST_VIEW, 12);

  function draw(station: Station, options: { readonly pulse: boolean }): void {
    const { id, location } = station.device;
    const nowMs = Date.now();
    let marker = markers.get(id);
    if (!marker) {
      marker = newMarker(id).setLatLng([location.latitude, location.longitude]).addTo(map);
      markers.set(id, marker);
      marker.on('click', () => events.onSelect(id));
      stop.listen(id, () => events.onSelect(id));
    }
    redraw(marker, station, nowMs);
    stop.drawn(id);
    marker.getElement()?.classList.toggle('selected', id === selected);
    if (options.pulse && !reduced && drawnTimes.get(id) !== station.time) pulse(marker);
    drawnTimes.set(id, station.time);
  }

  return {
    draw,
    drawZones: (shapes) => drawZones(zones, shapes),
    keepOnly(ids) {
      for (const [id, marker] of markers) {
        if (ids.has(id)) continue;
        marker.remove();
        markers.delete(id);
        drawnTimes.delete(id);
      }
      stop.removed();
    },
    focus: (id) => elementOf(id)?.focus(),
    select(id) {
      elementOf(selected)?.classList.remove('selected');
      selected = id;
      elementOf(id)?.classList.add('selected');
    },
    fit(points) {
      if (points.length > 0)
        map.fitBounds(
          L.latLngBounds(points.map(([latitude, longitude]): L.LatLngTuple => [latitude, longitude])).pad(FIT_MARGIN),
          { animate: false, maxZoom: 14 },
        );
    },
    remove() {
      resized.disconnect();
      map.remove();
    },
  };
}
