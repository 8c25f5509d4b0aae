import { expect, it } from 'vitest';
import { manualClock } from '../clock/manual-clock.ts';
import { keyValueContract } from './contract.ts';
import { memoryKeyValue } from './memory.ts';

keyValueContract('memory', async () => {
  const clock = manualClock(0);
  return { keyValue: memoryKeyValue({ clock }), pass: (ms) => clock.advance(ms) };
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
