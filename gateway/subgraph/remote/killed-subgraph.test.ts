import { expect, it } from 'vitest';
import { forkedReadings } from '../../fixtures/readings-process.ts';
import { remoteCity } from '../../fixtures/remote-city.ts';
import { keptCity, smallCity } from '../../fixtures/small-city.ts';
import { socketClient } from '../../fixtures/socket-client.ts';
import { until } from '../../fixtures/until.ts';

const LIVE = 'subscription { reading { device { id } } }';

it.each([
  {
    what: 'goes on without what happened meanwhile, and says so',
    isKept: false,
    told: [
      ['a', []],
      ['d', ['gap']],
      ['e', []],
    ],
  },
  {
    what: 'is given everything and no word of a gap, where the subgraph keeps a past',
    isKept: true,
    told: ['a', 'b', 'c', 'd', 'e'].map((device) => [device, ['cursor']]),
  },
])(
  'a subscription to a process that is killed by SIGKILL and started again $what',
  { timeout: 120_000 },
  async ({ isKept, told }) => {
    const first = await forkedReadings({ port: 0, isKept, past: [] });
    await using city = await remoteCity({ city: isKept ? keptCity() : smallCity(), readingsPort: first.port });
    const client = await socketClient(city.wsUrl);
    await client.init();
    client.subscribe('1', LIVE);
    await until(() => first.listeners === 1);
    first.publish('a');
    await client.received(2);
    const sleeping = city.clock.waiting();
    await first.kill();
    // The gateway waits before it connects again.
    await until(() => city.clock.waiting() > sleeping);
    const again = await forkedReadings({ port: first.port, isKept, past: ['a', 'b', 'c'] });
    try {
      await city.clock.advance(1_000);
      await until(() => again.listeners === 1);
      again.publish('d');
      again.publish('e');
      const messages = await client.received(1 + told.length);
      const given = messages
        .slice(1)
        .map(({ payload }) => [payload.data.reading.device.id, Object.keys(payload.extensions ?? {})]);
      expect(given).toEqual(told);
    } finally {
      await again.kill();
    }
  },
);
