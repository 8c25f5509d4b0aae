/** What the package offers. */
// biome-ignore-all lint/performance/noBarrelFile: the one door of a package that others install.
export type * from './generated/operations.ts';
export type { Gap, SubscribeOptions } from './going-on.ts';
export { type ErrorCode, type GraphError, GreenCityError } from './graph-error.ts';
export { type GreenCity, greenCity } from './green-city.ts';
export type { CallOptions, GreenCityOptions } from './transport.ts';
