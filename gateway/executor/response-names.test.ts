import { describe, expect, it } from 'vitest';
import { asking } from '../fixtures/asking.ts';
import { smallCity } from '../fixtures/small-city.ts';

async function textOf(source: string): Promise<string | undefined> {
  using city = asking(smallCity().subgraphs);
  const { text, errors } = await city.ask(source);
  expect(errors).toEqual([]);
  return text;
}

describe('a response name', () => {
  it('may be that of a key, which stands for something else then', async () => {
    expect(await textOf('{ latest { device { id: mood name } } }')).toBe(
      '{"latest":[{"device":{"id":"a is fine","name":"Device a"}},{"device":{"id":"b is fine","name":"Device b"}},{"device":{"id":"a is fine","name":"Device a"}}]}',
    );
    expect(await textOf('{ of(id: "a") { device { id: name key: id zone { id: name } } } }')).toBe(
      '{"of":{"device":{"id":"Device a","key":"a","zone":{"id":"Zone"}}}}',
    );
  });

  it('may be what the planner and JavaScript call something', async () => {
    expect(
      await textOf('{ of(id: "a") { device { __typename: name constructor: id __alias_0: mood __proto__: name } } }'),
    ).toBe(
      '{"of":{"device":{"__typename":"Device a","constructor":"a","__alias_0":"a is fine","__proto__":"Device a"}}}',
    );
  });

  it('may be the one under which another travels', async () => {
    expect(await textOf('{ of(id: "a") { device { constructor: id safe_constructor: name toString: name } } }')).toBe(
      '{"of":{"device":{"constructor":"a","safe_constructor":"Device a","toString":"Device a"}}}',
    );
  });

  it("is the client's in the path of an error", async () => {
    using city = asking(smallCity().subgraphs);
    const { text, errors } = await city.ask('{ __proto__: of(id: "dead") { metric name: device { id: name mood } } }');
    expect(text).toBe('{"__proto__":null}');
    expect(errors[0]?.path).toEqual(['__proto__', 'name']);
  });
});
