import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Served, serve, testToken } from '../fixtures/served.ts';
import { until } from '../fixtures/until.ts';

const SDL = `type Query { slow(of: Int): Int! } type Mutation { change: Int! } type Subscription { ticks: Int! }`;

let gate: PromiseWithResolvers<void>;
let executions: number;
let served: Served;
beforeEach(async () => {
  gate = Promise.withResolvers();
  executions = 0;
  const wait = async (): Promise<number> => {
    executions += 1;
    await gate.promise;
    return executions;
  };
  const resolvers = {
    Query: { slow: wait },
    Mutation: { change: wait },
    Subscription: { ticks: { subscribe: () => (async function* () {})() } },
  };
  served = await serve([{ name: 'slow', sdl: SDL, resolvers }]);
});
afterEach(() => served.close());

const sharedCount = (): number =>
  Number(/^gateway_answers_total\{how="shared"\} (\d+)$/m.exec(served.metrics.exposition())?.[1] ?? 0);

describe('equal queries under way', () => {
  it('are executed once for anonymous clients, and anew after that', async () => {
    const asked = [served.ask('{ slow }'), served.ask('{ slow }'), served.ask('{ slow }')];
    await until(() => sharedCount() === 2);
    gate.resolve();
    expect((await Promise.all(asked)).map(({ body }) => body)).toEqual(Array(3).fill({ data: { slow: 1 } }));
    expect((await served.ask('{ slow }')).body).toEqual({ data: { slow: 2 } });
  });

  it('are executed each where their variables differ', async () => {
    const query = 'query Q($of: Int) { slow(of: $of) }';
    const asked = [served.ask(query, { of: 1 }), served.ask(query, { of: 2 }), served.ask(query)];
    await until(() => executions === 3);
    gate.resolve();
    await Promise.all(asked);
    expect(sharedCount()).toBe(0);
  });

  it('are executed each for whom has signed in, and never shared with anybody else', async () => {
    const [ann, bob] = ['ann', 'bob'].map((sub) => ({ authorization: `Bearer ${testToken(sub)}` }));
    const asked = [ann, ann, bob, {}].map((headers) => served.ask('{ slow }', undefined, headers));
    await until(() => executions === 4);
    gate.resolve();
    await Promise.all(asked);
    expect(sharedCount()).toBe(0);
  });
});

describe('equal mutations under way', () => {
  it('are executed each', async () => {
    const asked = [served.ask('mutation { change }'), served.ask('mutation { change }')];
    await until(() => executions === 2);
    gate.resolve();
    await Promise.all(asked);
    expect(sharedCount()).toBe(0);
  });
});
