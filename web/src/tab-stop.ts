import type L from 'leaflet';
import { inDirection } from './nearest-marker.ts';

/**
 * One marker at a time takes part in the order of the Tab key, as one control: arrow keys lead from marker to marker. Hundreds of
 * stops would keep everybody without a mouse from what comes after the map.
 */
export function oneTabStop(map: L.Map, markers: ReadonlyMap<string, L.Marker>) {
  let current: string | undefined;
  const elementOf = (id: string | undefined) => markers.get(id ?? '')?.getElement();
  function moveTo(id: string): void {
    if (current !== undefined) elementOf(current)?.setAttribute('tabindex', '-1');
    current = id;
    elementOf(id)?.setAttribute('tabindex', '0');
  }
  function onArrow(id: string, event: KeyboardEvent): void {
    const place = (marker: L.Marker) => map.latLngToContainerPoint(marker.getLatLng());
    const from = markers.get(id);
    if (!from) return;
    const places = [...markers].map(([other, marker]) => [other, place(marker)] as const);
    const next = inDirection(event.key, place(from), places);
    if (next === undefined) return;
    event.preventDefault();
    moveTo(next);
    elementOf(next)?.focus();
  }
  return {
    /** To be called for a marker that was drawn: Leaflet makes each a stop. */
    drawn(id: string): void {
      if (current === undefined || !markers.has(current)) moveTo(id);
      else if (id !== current) elementOf(id)?.setAttribute('tabindex', '-1');
    },
    /** To be called when markers were removed. */
    removed(): void {
      const [first] = markers.keys();
      if (current !== undefined && !markers.has(current)) current = undefined;
      if (current === undefined && first !== undefined) moveTo(first);
    },
    /** To be called once for a new marker: Enter and the space bar choose it. */
    listen(id: string, onChoose: () => void): void {
      const box = elementOf(id);
      box?.addEventListener('focus', () => moveTo(id));
      box?.addEventListener('keydown', (event) => {
        if (event.key !== ' ' && event.key !== 'Enter') return onArrow(id, event);
        event.preventDefault();
        onChoose();
      });
    },
  };
}
