import { manualClock } from '../clock/manual-clock.ts';
import { taggedCacheContract } from './contract.ts';
import { memoryTaggedCache } from './memory.ts';

taggedCacheContract('memory', async () => {
  const clock = manualClock(Date.UTC(2026, 10, 24));
  const cache = memoryTaggedCache({ clock });
  return { one: cache, other: cache, pass: (ms) => clock.advance(ms) };
});
