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

it('takes nothing away when the clock is set back', async () => {
  let nowMs = 3_600_000;
  const keyValue = memoryKeyValue({ clock: { ...manualClock(0), nowMs: () => nowMs } });
  const limit = { capacity: 10, refillPerSecond: 2 };
  await keyValue.spend('x', 4, limit);
  nowMs = 0;
  expect(await keyValue.spend('x', 1, limit)).toMatchObject({ allowed: true, remaining: 5 });
  nowMs = 1_000;
  expect(await keyValue.spend('x', 1, limit)).toMatchObject({ allowed: true, remaining: 6 });
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
