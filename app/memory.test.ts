import { getHeapSpaceStatistics } from 'node:v8';
import { expect, it } from 'vitest';
import { giveMemoryBack } from './memory.ts';

const MIB = 1024 ** 2;

/** Room for new objects, used or not. */
function newSpaceMib(): number {
  const room = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  return (room?.space_size ?? Number.NaN) / MIB;
}

it('gives back the room for new objects that was needed once', () => {
  const held: object[][] = [];
  for (let round = 0; newSpaceMib() < 8 && round < 500; round += 1) {
    held.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
  }
  expect(newSpaceMib()).toBeGreaterThanOrEqual(8);
  held.length = 0;
  giveMemoryBack();
  expect(newSpaceMib()).toBeLessThanOrEqual(2);
});
