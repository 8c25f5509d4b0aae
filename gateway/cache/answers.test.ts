import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Served, serve, testToken } from '../fixtures/served.ts';
import { type SmallCity, smallCity } from '../fixtures/small-city.ts';
import { until } from '../fixtures/until.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import type { Changed } from './changes.ts';

const DEVICE = '{ device(id: "a") { name mood } }';

let city: SmallCity;
let served: Served;
let tell: ((changed: Changed) => void) | undefined;
const changes = {
  listen(heard: (changed: Changed) => void) {
    tell = heard;
    return {
      [Symbol.dispose]() {
        tell = undefined;
      },
    };
  },
};

beforeEach(async () => {
  city = smallCity();
  served = await serve(city.subgraphs, {}, undefined, { changes });
});
afterEach(() => served.close());

/** How often a subgraph has been asked for devices since the last time. */
function asked(): number {
  const count = city.resolved.get('device') ?? 0;
  city.resolved.clear();
  return count;
}

function counted(how: string): number {
  return Number(
    new RegExp(`gateway_answers_total\\{how="${how}"\\} (\\d+)`).exec(served.metrics.exposition())?.[1] ?? 0,
  );
}

describe('an answer to a query of anybody', () => {
  it('is kept, byte for byte', async () => {
    const first = await served.ask(DEVICE);
    expect(asked()).toBe(1);
    expect(await served.ask(DEVICE)).toEqual(first);
    expect(asked()).toBe(0);
    expect(counted('kept')).toBe(1);
  });

  it('is let go when the entity that it shows has changed, and not when another has', async () => {
    await served.ask(DEVICE);
    tell?.(['Device:b']);
    await served.ask(DEVICE);
    expect(asked()).toBe(1);
    tell?.(['Device:a']);
    await served.ask(DEVICE);
    expect(asked()).toBe(1);
  });

  it('is let go when an entity has changed that it shows further inside', async () => {
    await served.ask('{ devices { id mood } }');
    expect(asked()).toBe(2);
    tell?.(['Device:b']);
    await served.ask('{ devices { id mood } }');
    expect(asked()).toBe(2);
  });

  it('ends by itself after a while, since not everything that changes is told', async () => {
    await served.ask(DEVICE);
    await served.clock.advance(DEFAULT_SETTINGS.answers.lifetimeMs);
    await served.ask(DEVICE);
    expect(asked()).toBe(2);
  });

  it('is let go by any mutation', async () => {
    await served.ask(DEVICE);
    await served.ask('mutation { rename(id: "b", name: "x") { id } }');
    asked();
    await served.ask(DEVICE);
    expect(asked()).toBe(1);
  });

  it('is not kept when something changed while it was made', async () => {
    const blocked = Promise.withResolvers<void>();
    city.wait = blocked.promise;
    const asking = served.ask(DEVICE);
    await until(() => asked() > 0);
    tell?.(['Device:a']);
    blocked.resolve();
    await asking;
    asked();
    await served.ask(DEVICE);
    expect(asked()).toBe(1);
  });

  it('is not kept when it holds an error, or nobody knows what it depends on', async () => {
    for (const query of ['{ device(id: "dead") { name } }', '{ of(id: "a") { device { name } } }']) {
      await served.ask(query);
      asked();
      await served.ask(query);
      expect(asked(), query).toBe(1);
    }
  });

  it('is not kept once changes are no longer heard', async () => {
    await served.ask(DEVICE);
    await served.clock.advance(31_000);
    expect(tell).toBeUndefined();
    await served.ask(DEVICE);
    expect(asked()).toBe(2);
    expect(tell).toBeDefined();
  });
});

describe('what somebody may see', () => {
  const as = (name: string) => ({ authorization: `Bearer ${testToken(name)}` });

  it('is never given to somebody else, from what is kept', async () => {
    await served.ask(DEVICE);
    asked();
    await served.ask(DEVICE, undefined, as('u'));
    await served.ask(DEVICE, undefined, as('v'));
    await served.ask(DEVICE, undefined, as('u'));
    expect(asked()).toBe(3);
  });

  it('is never given to somebody else, from what is under way', async () => {
    const blocked = Promise.withResolvers<void>();
    city.wait = blocked.promise;
    const asking = [as('u'), as('v'), {}, as('u')].map((headers) => served.ask(DEVICE, undefined, headers));
    let started = 0;
    await until(() => {
      started += asked();
      return started === 4;
    });
    blocked.resolve();
    await Promise.all(asking);
    expect(counted('shared')).toBe(0);
  });

  it('depends on variables, headers that say what is wanted, and the name of the operation', async () => {
    const query = 'query A($id: ID!) { device(id: $id) { name } } query B { device(id: "b") { name } }';
    const send = async (operationName: string, variables: unknown, accept = 'application/json') => {
      const body = JSON.stringify({ query, operationName, variables });
      const headers = { 'content-type': 'application/json', accept };
      return await (await fetch(`${served.url}/graphql`, { method: 'POST', headers, body })).text();
    };
    const answers = [];
    for (let round = 0; round < 2; round += 1) {
      answers.push([await send('A', { id: 'a' }), await send('A', { id: 'b' }), await send('B', {})]);
    }
    expect(answers[0]).toEqual(
      ['a', 'b', 'b'].map((id) => JSON.stringify({ data: { device: { name: `Device ${id}` } } })),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect(asked()).toBe(3);
    await send('A', { id: 'a' }, 'application/graphql-response+json');
    expect(asked()).toBe(1);
  });
});

describe('equal questions under way', () => {
  it('are asked once, and never when they change something', async () => {
    const blocked = Promise.withResolvers<void>();
    city.wait = blocked.promise;
    const queries = [1, 2, 3].map(() => served.ask('{ of(id: "a") { device { name } } }'));
    await until(() => counted('shared') === 2);
    blocked.resolve();
    expect(new Set((await Promise.all(queries)).map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(asked()).toBe(1);
    const rename = 'mutation { rename(id: "a", name: "x") { id } }';
    await Promise.all([served.ask(rename), served.ask(rename)]);
    expect(asked()).toBe(2);
  });

  it('are asked anew by those who come after a mutation', async () => {
    const blocked = Promise.withResolvers<void>();
    city.wait = blocked.promise;
    const before = served.ask(DEVICE);
    await until(() => asked() > 0);
    city.wait = undefined;
    await served.ask('mutation { rename(id: "b", name: "x") { id } }');
    asked();
    expect((await served.ask(DEVICE)).body.data.device.name).toBe('Device a');
    expect(asked()).toBe(1);
    blocked.resolve();
    await before;
  });
});
