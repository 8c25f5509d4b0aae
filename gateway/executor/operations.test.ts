import { describe, expect, it } from 'vitest';
import { asking } from '../fixtures/asking.ts';
import { smallCity } from '../fixtures/small-city.ts';

async function asked(source: string, variables?: Record<string, unknown>) {
  using city = asking(smallCity().subgraphs);
  return await city.ask(source, variables);
}

describe('an operation over several subgraphs', () => {
  it('sends each object of a list once, however often it stands there', async () => {
    const { data, fetches } = await asked('{ latest { device { name } } }');
    expect(data).toEqual({
      latest: [{ device: { name: 'Device a' } }, { device: { name: 'Device b' } }, { device: { name: 'Device a' } }],
    });
    expect(fetches.map(({ variables }) => variables['representations'])).toEqual([
      undefined,
      [
        { __typename: 'Device', id: 'a' },
        { __typename: 'Device', id: 'b' },
      ],
    ]);
  });

  it('runs mutations one after the other, in the order of the client', async () => {
    const { data, fetches } = await asked(
      'mutation { one: record(values: [1]) rename(id: "a", name: "x") { name mood } two: record(values: [1, 2]) }',
    );
    expect(data).toEqual({ one: 1, rename: { name: 'x', mood: 'a is fine' }, two: 2 });
    expect(fetches.map(({ subgraph }) => subgraph)).toEqual(['readings', 'devices', 'readings', 'readings']);
  });

  it('may ask about the schema beside the data, and where nothing else is asked for', async () => {
    const { text } = await asked(
      'query ($n: String!) { of(id: "a") { metric } __typename s: __schema { queryType { name } } __type(name: $n) { kind } }',
      { n: 'Device' },
    );
    expect(text).toBe(
      '{"of":{"metric":"PM2_5"},"__typename":"Query","s":{"queryType":{"name":"Query"}},"__type":{"kind":"OBJECT"}}',
    );
    expect((await asked('{ __typename }')).text).toBe('{"__typename":"Query"}');
  });

  it('fills in defaults of variables and of arguments', async () => {
    const source = 'query ($c: Int! = 1, $how: String) { many(count: $c) { device { mood(how: $how) } } }';
    expect((await asked(source)).data).toEqual({ many: [{ device: { mood: 'd0 is fine' } }] });
    expect((await asked(source, { c: 2, how: 'blue' })).data).toEqual({
      many: [{ device: { mood: 'd0 is blue' } }, { device: { mood: 'd1 is blue' } }],
    });
    expect((await asked('{ many { metric } }')).data).toEqual({ many: [{ metric: 'PM2_5' }, { metric: 'PM2_5' }] });
  });

  it('keeps what other subgraphs gave when one fails, and says where and which', async () => {
    const { data, errors } = await asked(
      '{ latest { device { id broken } value } of(id: "dead") { device { mood } } }',
    );
    expect(data).toMatchObject({ latest: [{ device: { id: 'a', broken: null }, value: 12.5 }, {}, {}] });
    expect(data).toMatchObject({ of: { device: { mood: 'dead is fine' } } });
    expect(errors.map(({ path }) => path?.join('.'))).toEqual([
      'latest.0.device.broken',
      'latest.2.device.broken',
      'latest.1.device.broken',
    ]);
    for (const { extensions } of errors) expect(extensions['serviceName']).toBe('devices');
  });

  it('is refused when it wants deferred parts', async () => {
    await expect(asked('{ latest { ... @defer { value } } }')).rejects.toThrow('Unknown directive "@defer"');
  });
});
