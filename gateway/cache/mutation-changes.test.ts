import { readFileSync } from 'node:fs';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { memoryPubSub } from '@greencity/platform/pub-sub/memory';
import { memoryTaggedCache } from '@greencity/platform/tagged-cache/memory';
import { buildSchema, getNamedType, isObjectType, parse } from 'graphql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOW_MS, type Served, serve, testToken } from '../fixtures/served.ts';
import { until } from '../fixtures/until.ts';
import { liveChanges } from './live-changes.ts';
import { CHANGED_TYPES, changedByMutation, MUTATION_CHANGES } from './mutation-changes.ts';
import { shownTypes } from './shown-types.ts';

const API = buildSchema(readFileSync(new URL('../../schema/api.graphql', import.meta.url), 'utf8'));
const mutations = Object.values(API.getMutationType()?.getFields() ?? {});

describe('what a mutation changes', () => {
  it('is written down for every mutation of the graph, and for no other', () => {
    expect(Object.keys(MUTATION_CHANGES).toSorted()).toEqual(mutations.map(({ name }) => name).toSorted());
  });

  it('is said in types of the graph', () => {
    for (const type of CHANGED_TYPES) expect(isObjectType(API.getType(type)), type).toBe(true);
  });

  it('is never less than what it gives back, where that is something that others are shown', () => {
    const shown = new Set(['Alert', 'AlertRule', 'Device', 'Measurement', 'Zone']);
    for (const { name, type } of mutations) {
      const given = getNamedType(type).name;
      const change = MUTATION_CHANGES[name];
      if (shown.has(given)) expect(change === 'everything' || change?.includes(given), name).toBe(true);
    }
  });

  it('is everything for one that nobody has written down, beside whatever else', () => {
    const schema = buildSchema('type Query { a: Int } type Mutation { signIn: Int signUp: Int signOut: Int }');
    const changed = (text: string, refused: readonly string[] = []) =>
      changedByMutation(
        schema,
        { document: parse(text), operationName: undefined },
        {
          variables: { no: false },
          refused: new Set(refused),
        },
      );
    expect(changed('mutation { signIn __typename }')).toBeUndefined();
    expect(changed('mutation { signIn ...more } fragment more on Mutation { other: signUp }')).toBe('everything');
    expect(changed('mutation ($no: Boolean!) { signIn signUp @include(if: $no) }')).toBeUndefined();
    expect(changed('mutation { signUp signOut }', ['Mutation.signUp'])).toBeUndefined();
  });
});

describe('the types that an answer shows', () => {
  const shown = (text: string) => shownTypes(API, parse(text), new Set(['Alert', 'AlertRule', 'Device']));

  it('are those of all its fields, however deep, and in fragments', () => {
    expect(shown('{ zones { id ...more } } fragment more on Zone { alerts { nodes { rule { name } } } }')).toEqual(
      expect.arrayContaining(['type:Alert', 'type:AlertRule']),
    );
    expect(shown('{ zones { id name deviceCount } }')).toEqual([]);
  });

  it('are those that are only counted, too', () => {
    expect(shown('{ alerts(first: 1) { totalCount } }')).toEqual(['type:Alert']);
    expect(shown('{ devices(first: 1) { totalCount } }')).toEqual(['type:Device']);
  });
});

const SDL = `
  type Query { zones: [Zone!]! alerts: AlertConnection! zone(id: ID!): Zone }
  type Zone @key(fields: "id") { id: ID! alerts: AlertConnection! }
  type AlertConnection { nodes: [Alert!]! totalCount: Int! }
  type Alert @key(fields: "id") { id: ID! state: String! }
  type Mutation { signIn: Int! acknowledgeAlert(id: ID!): Alert! saveZone: Int! @authenticated unheardOf: Int! }
`;
const [ZONES, ALERTS, COUNT] = ['{ zones { id } }', '{ alerts { nodes { state } } }', '{ alerts { totalCount } }'];
const BELOW = '{ zone(id: "z") { alerts { nodes { state } } } }';
const READS = [ZONES, ALERTS, COUNT, BELOW];

describe('kept answers', () => {
  let state: string;
  let executed: number;
  let gateways: readonly Served[];

  beforeEach(async () => {
    [state, executed] = ['FIRING', 0];
    const counted = <T>(value: () => T) => {
      executed += 1;
      return value();
    };
    const alerts = () => ({ nodes: [{ id: 'a', state }], totalCount: state === 'FIRING' ? 1 : 0 });
    const zone = { id: 'z', alerts };
    const resolvers = {
      Query: {
        zones: () => counted(() => [zone]),
        zone: () => counted(() => zone),
        alerts: () => counted(alerts),
      },
      Mutation: {
        signIn: () => 1,
        acknowledgeAlert: () => {
          state = 'ACKNOWLEDGED';
          return { id: 'a', state };
        },
        saveZone: () => 1,
        unheardOf: () => 1,
      },
    };
    const cache = memoryTaggedCache({ clock: manualClock(NOW_MS) });
    const pubSub = memoryPubSub();
    const subgraph = { name: 'city', sdl: SDL, resolvers };
    gateways = await Promise.all(
      [0, 1].map(() =>
        serve([subgraph], {}, undefined, { changes: liveChanges(pubSub, () => undefined), answerCache: cache }),
      ),
    );
    for (const gateway of gateways) await gateway.ask('{ zones { __typename } }');
  });
  afterEach(async () => {
    for (const gateway of gateways) await gateway.close();
  });

  /** Asks a gateway everything; gives which of it was executed, and not kept. */
  async function executedOf(place = 0): Promise<readonly string[]> {
    const anew: string[] = [];
    for (const read of READS) {
      executed = 0;
      await gateways[place]?.ask(read);
      if (executed > 0) anew.push(read);
    }
    return anew;
  }

  const change = (text: string, headers = {}) => gateways[0]?.ask(text, undefined, headers);

  beforeEach(async () => {
    expect(await executedOf()).toEqual(READS);
    expect(await executedOf()).toEqual([]);
  });

  it('stay when somebody signs in, and when a mutation was refused', async () => {
    await change('mutation { signIn }');
    await change('mutation { saveZone }');
    await change('mutation { acknowledgeAlert(id: 5.5) { id } }');
    expect(await executedOf()).toEqual([]);
  });

  it('show what an alert has become as soon as the mutation is answered, and stay where they show none', async () => {
    await change('mutation { acknowledgeAlert(id: "a") { state } }');
    expect((await gateways[0]?.ask(ALERTS))?.body).toEqual({
      data: { alerts: { nodes: [{ state: 'ACKNOWLEDGED' }] } },
    });
    expect((await gateways[0]?.ask(COUNT))?.body).toEqual({ data: { alerts: { totalCount: 0 } } });
    expect((await gateways[0]?.ask(BELOW))?.body).toMatchObject({ data: { zone: { alerts: { nodes: [{ state }] } } } });
    expect(await executedOf()).toEqual([]);
  });

  it('all go with a mutation that may change anything, or that nobody has written down', async () => {
    await change('mutation { saveZone }', { authorization: `Bearer ${testToken('ann')}` });
    expect(await executedOf()).toEqual(READS);
    await change('mutation { unheardOf }');
    expect(await executedOf()).toEqual(READS);
  });

  it('of another gateway go and stay alike', async () => {
    await executedOf(1);
    await change('mutation { signIn }');
    await change('mutation { acknowledgeAlert(id: "a") { state } }');
    await until(() => /gateway_answers_invalidated_total 3/.test(gateways[1]?.metrics.exposition() ?? ''));
    expect(await executedOf(1)).toEqual([ALERTS, COUNT, BELOW]);
    expect((await gateways[1]?.ask(ALERTS))?.body).toEqual({
      data: { alerts: { nodes: [{ state: 'ACKNOWLEDGED' }] } },
    });
  });
});
