import { serve } from './program.ts';
import { compare } from './rounds.ts';
import { worldNamed } from './worlds.ts';

const world = (process.argv[2] ?? 'city') as 'city';
await using a = await serve({ file: 'our-server.ts', arguments: [world], runtime: 'platform' });
await using b = await serve({ file: 'our-server.ts', arguments: [world], runtime: 'node' });
const r = await compare(
  [
    { ...a, name: 'platform' },
    { ...b, name: 'node' },
  ],
  { query: worldNamed(world).query, connections: 20, rounds: 5, warmUpMs: 4000, roundMs: 2000 },
);
console.log(r);
