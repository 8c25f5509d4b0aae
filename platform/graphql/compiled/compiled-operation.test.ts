import { buildSchema, type ExecutionResult, execute, type GraphQLSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compileOperation } from './compiled-operation.ts';

type Resolver = (source: never, args: never, context: never, info: never) => unknown;

/** A schema with resolvers, by coordinate. */
function schemaOf(sdl: string, resolvers: Readonly<Record<string, Resolver>> = {}): GraphQLSchema {
  const schema = buildSchema(sdl);
  for (const [coordinate, resolve] of Object.entries(resolvers)) {
    const [type = '', field = ''] = coordinate.split('.');
    const found = schema.getType(type);
    if (!found || !('getFields' in found) || !found.getFields()[field]) throw new Error(`no ${coordinate}`);
    Object.assign(found.getFields()[field] as object, { resolve });
  }
  return schema;
}

interface Asking {
  readonly root?: object;
  readonly context?: object;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** Executes by the compiled operation, once graphql-js has been seen to answer the same. */
async function answer(schema: GraphQLSchema, text: string, asking: Asking = {}): Promise<ExecutionResult> {
  const { root, context, variables = {} } = asking;
  const document = parse(text);
  const run = compileOperation(schema, document);
  if (!run) throw new Error('it has not been compiled');
  const got = await run(root, context, variables);
  const wanted = await execute({ schema, document, rootValue: root, contextValue: context, variableValues: variables });
  expect(JSON.stringify(got)).toBe(JSON.stringify(wanted));
  return got;
}

const messages = ({ errors = [] }: ExecutionResult) =>
  errors.map(({ message, path }) => `${path?.join('.')}: ${message}`);

const LIST = 'type Query { list: [Item] sure: Item! } type Item { name: String! note: String more: Item! }';

describe('a compiled operation', () => {
  it('answers at once where no resolver gives a promise', () => {
    const schema = schemaOf(LIST, { 'Query.list': () => [{ name: 'a' }, { name: 'b' }] });
    const result = compileOperation(schema, parse('{ list { name } }'))?.(undefined, undefined, {});
    expect(result).toEqual({ data: { list: [{ name: 'a' }, { name: 'b' }] } });
  });

  it('reads what has no resolver from its object, and calls it where it is a function', async () => {
    const schema = schemaOf('type Query { plain: Int called(by: Int = 2): String }');
    const root = {
      plain: 1,
      called: (args: object, context: object, info: { fieldName: string }) =>
        JSON.stringify([args, context, info.fieldName]),
    };
    const { data } = await answer(schema, '{ plain called again: called(by: 3) }', { root, context: { c: 1 } });
    expect(data).toEqual({ plain: 1, called: '[{"by":2},{"c":1},"called"]', again: '[{"by":3},{"c":1},"called"]' });
  });

  it('gives each call of a resolver arguments of its own', async () => {
    const schema = schemaOf('type Query { list: [Item] } type Item { of(a: Int, b: [Int]): String }', {
      'Query.list': () => [{}, {}],
      'Item.of': (_, args: { a: number; b?: number[] }) => {
        const text = JSON.stringify(args);
        args.a = 0;
        args.b?.push(9);
        return text;
      },
    });
    const { data } = await answer(schema, 'query ($a: Int) { list { of(a: $a) fixed: of(a: 1) list: of(b: [1]) } }', {
      variables: { a: 5 },
    });
    const item = { of: '{"a":5}', fixed: '{"a":1}', list: '{"b":[1]}' };
    expect(data).toEqual({ list: [item, item] });
  });

  it('puts null where the schema allows it first when something is wrong below', async () => {
    const schema = schemaOf(LIST, {
      'Query.list': () => [
        { name: 'a', more: { name: null } },
        { name: 'b', more: { name: 'c', note: Symbol.iterator } },
      ],
    });
    const result = await answer(schema, '{ list { name more { name note } } }');
    expect(result.data).toEqual({ list: [null, { name: 'b', more: { name: 'c', note: null } }] });
    expect(messages(result)).toEqual([
      'list.0.more.name: Cannot return null for non-nullable field Item.name.',
      'list.1.more.note: String cannot represent value: Symbol(Symbol.iterator)',
    ]);
  });

  it('puts null there as well when it goes wrong later', async () => {
    const schema = schemaOf(LIST, {
      'Query.list': () => [{ more: {} }, { more: {} }],
      'Item.more': async () => ({}),
      'Item.name': (_: object, __: object, ___: object, { path }: { path: { prev: { prev: { key: number } } } }) =>
        path.prev.prev.key === 0 ? Promise.reject(new Error('lost')) : Promise.resolve('found'),
    });
    const result = await answer(schema, '{ list { more { name } } }');
    expect(result.data).toEqual({ list: [null, { more: { name: 'found' } }] });
    expect(messages(result)).toEqual(['list.0.more.name: lost']);
  });

  it('does not wait for what has no place any more', async () => {
    const schema = schemaOf(LIST, {
      'Query.list': () => new Promise(() => {}),
      'Query.sure': () => Promise.reject(new Error('gone')),
    });
    const run = compileOperation(schema, parse('{ list { name } sure { name } }'));
    const result = await run?.(undefined, undefined, {});
    expect(result?.data).toBeNull();
    expect(messages(result ?? {})).toEqual(['sure: gone']);
  });

  it('tells nothing of what goes wrong below a null', async () => {
    const schema = schemaOf(LIST, {
      'Query.list': () => [{}],
      'Item.name': () => Promise.reject(new Error('first')),
      'Item.note': () => new Promise((_, reject) => setImmediate(() => reject(new Error('second')))),
    });
    const run = compileOperation(schema, parse('{ list { name note } }'));
    expect(messages((await run?.(undefined, undefined, {})) ?? {})).toEqual(['list.0.name: first']);
  });

  it('is compiled for each combination of its conditions', async () => {
    const schema = schemaOf('type Query { a: Int b: Int c: Int }');
    const text =
      'query ($yes: Boolean!, $no: Boolean = false) { a @include(if: $yes) b @skip(if: $yes) ... @include(if: $no) { c } }';
    const root = { a: 1, b: 2, c: 3 };
    expect((await answer(schema, text, { root, variables: { yes: true } })).data).toEqual({ a: 1 });
    expect((await answer(schema, text, { root, variables: { yes: false, no: true } })).data).toEqual({ b: 2, c: 3 });
    const undecided = await answer(schema, text, { root, variables: { yes: true, no: null } });
    expect(undecided.data).toBeNull();
    expect(undecided.errors).toHaveLength(1);
  });

  it('says of variables what graphql-js says', async () => {
    const schema = schemaOf('type Query { a(of: In): Int } input In { n: Int! }');
    const text = 'query ($in: In, $x: Int!) { a(of: $in) b: a(of: { n: $x }) }';
    const result = await answer(schema, text, { variables: { in: { n: 'one' }, x: null } });
    expect(result.data).toBeUndefined();
    expect(result.errors).toHaveLength(2);
  });

  it('keeps names that every object has', async () => {
    const schema = schemaOf('type Query { a: Item later: Item } type Item { n: Int }', {
      'Query.later': async () => ({ n: 2 }),
    });
    const { data } = await answer(schema, '{ __proto__: a { constructor: n } toString: later { __proto__: n } }', {
      root: { a: { n: 1 } },
    });
    expect(JSON.stringify(data)).toBe('{"__proto__":{"constructor":1},"toString":{"__proto__":2}}');
  });

  it.each([
    'mutation { a }',
    '{ __schema { queryType { name } } }',
    '{ a } query Other { a }',
    'query ($__proto__: Int) { b(of: $__proto__) }',
  ])('is left to graphql-js for %s', (text) => {
    const schema = schemaOf('type Query { a: Int b(of: Int): Int } type Mutation { a: Int }');
    expect(compileOperation(schema, parse(text))).toBeUndefined();
  });
});
