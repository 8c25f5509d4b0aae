/** Where something is drawn, in pixels from the top left. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

const DIRECTIONS: Readonly<Record<string, Place>> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
};

/**
 * What an arrow key leads to from a place: the nearest within 45 degrees of the arrow, the first of equals. Undefined for another key, and
 * where nothing lies in that direction.
 */
export function inDirection<T>(key: string, from: Place, places: Iterable<readonly [T, Place]>): T | undefined {
  const direction = DIRECTIONS[key];
  if (!direction) return undefined;
  let nearest: T | undefined;
  let nearestSquare = Number.POSITIVE_INFINITY;
  for (const [what, place] of places) {
    const x = place.x - from.x;
    const y = place.y - from.y;
    const along = x * direction.x + y * direction.y;
    const aside = Math.abs(x * direction.y) + Math.abs(y * direction.x);
    const square = x * x + y * y;
    if (along <= 0 || aside > along || square >= nearestSquare) continue;
    nearest = what;
    nearestSquare = square;
  }
  return nearest;
}
