/** Chance as a function: the same seed and place always give the same number, so that any moment of the simulated city can be computed by itself. */

/** Mixes integers into 32 well-spread bits. Source: the finaliser of MurmurHash3 (Appleby, 2011), chained. */
export function hash(...parts: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const part of parts) {
    state ^= Math.imul(part | 0, 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    state ^= state >>> 16;
  }
  return state >>> 0;
}

/** Evenly spread in [0, 1). */
export function uniform(...parts: readonly number[]): number {
  return hash(...parts) / 4_294_967_296;
}

/** Normally distributed with mean 0 and deviation 1 (Box-Muller). */
export function normal(...parts: readonly number[]): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(...parts, 1)));
  return radius * Math.cos(2 * Math.PI * uniform(...parts, 2));
}

const ease = (t: number) => t * t * (3 - 2 * t);
const between = (a: number, b: number, t: number) => a + (b - a) * t;

/** A smooth walk through one dimension, about -1 to 1, with a new independent value at each whole number. */
export function wave(seed: number, channel: number, at: number): number {
  const cell = Math.floor(at);
  const value = (index: number) => 2 * uniform(seed, channel, index) - 1;
  return between(value(cell), value(cell + 1), ease(at - cell));
}

/** A smooth landscape over two dimensions that changes with time, about -1 to 1; independent a unit apart in each. */
export function field(seed: number, channel: number, [x, y, t]: readonly [number, number, number]): number {
  const [cellX, cellY, cellT] = [Math.floor(x), Math.floor(y), Math.floor(t)];
  const [easeX, easeY, easeT] = [ease(x - cellX), ease(y - cellY), ease(t - cellT)];
  const value = (dx: number, dy: number, dt: number) =>
    2 * uniform(seed, channel, cellX + dx, cellY + dy, cellT + dt) - 1;
  const plane = (dt: number) =>
    between(between(value(0, 0, dt), value(1, 0, dt), easeX), between(value(0, 1, dt), value(1, 1, dt), easeX), easeY);
  return between(plane(0), plane(1), easeT);
}
