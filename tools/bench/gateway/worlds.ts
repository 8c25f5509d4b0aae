import { openCity } from './city.ts';
import { SHOP } from './shop.ts';
import type { World } from './world.ts';

export type WorldName = 'city' | 'shop';

/** The world of this name, as programs of the benchmark are told it. */
export function worldNamed(name: string): World {
  switch (name) {
    case 'city':
      return openCity();
    case 'shop':
      return SHOP;
    default:
      throw new Error(`there is no world ${name}`);
  }
}
