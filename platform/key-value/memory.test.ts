import { DAY_MS, HOUR_MS } from '@greencity/air/time';
import { expect, it } from 'vitest';
import { manualClock } from '../clock/manual-clock.ts';
import { keyValueContract, sharedKeyValueContract } from './contract.ts';
import { memoryKeyValue } from './memory.ts';

const open = async () => {
  const clock = manualClock(0);
  return { keyValue: memoryKeyValue({ clock }), pass: (ms: number) => clock.advance(ms) };
};
keyValueContract('memory', open);
sharedKeyValueContract('memory', open);

it('goes by the time that passes, though somebody sets the clock back an hour or a day ahead', async () => {
  const clock = manualClock(DAY_MS);
  const keyValue = memoryKeyValue({ clock });
  const limit = { capacity: 10, refillPerSecond: 1 };
  await keyValue.spend('client', 10, limit);
  await keyValue.set('a', '1', 5_000);
  clock.set(DAY_MS - HOUR_MS);
  await clock.advance(4_000);
  expect(await keyValue.spend('client', 4, limit)).toMatchObject({ allowed: true, remaining: 0 });
  clock.set(2 * DAY_MS);
  expect(await keyValue.get('a')).toBe('1');
  await clock.advance(1_000);
  expect(await keyValue.get('a')).toBeUndefined();
});

it('forgets what was unused for longest when it is full', async () => {
  const keyValue = memoryKeyValue({ clock: manualClock(0), entriesMax: 2 });
  await keyValue.set('a', '1', 1_000);
  await keyValue.set('b', '2', 1_000);
  await keyValue.get('a');
  await keyValue.set('c', '3', 1_000);
  expect(await keyValue.get('b')).toBeUndefined();
  expect(await keyValue.get('a')).toBe('1');
});
