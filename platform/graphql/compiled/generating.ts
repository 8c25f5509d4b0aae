import {
  defaultFieldResolver,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';
import { entityList } from './entity-list.ts';
import type { Complete } from './execution.ts';
import { fieldArguments } from './field-arguments.ts';
import { plainTest } from './leaves.ts';
import { mayRead } from './parameters.ts';
import { elementPosition, type Position, type SelectedField } from './positions.ts';
import { runtimeType } from './runtime-types.ts';
import { type Selecting, selectedFields } from './selected-fields.ts';
import { SURROUNDINGS } from './surroundings.ts';

/** An object of the answer: what holds it, its type, and what is selected of it. */
export interface ObjectPlace {
  /** Undefined for the root. */
  readonly above: Position | undefined;
  readonly type: GraphQLObjectType;
  readonly selections: readonly SelectionSetNode[];
}

/**
 * Makes objects of an answer from what resolvers gave, by code that is generated for one place of an operation: names are part of the code, so that
 * objects of a place have one shape and the engine knows it. Names of an operation and of its schema stand in it as JSON strings alone.
 */
export function compileObject(selecting: Selecting, place: ObjectPlace): Complete {
  const generating = new Generating(selecting);
  const entry = generating.checked(place);
  const around = { ...SURROUNDINGS, known: generating.known };
  const constants = generating.known.map((_, number) => `const k${number} = known[${number}];`);
  const body = `'use strict';\n${[...constants, ...generating.functions].join('\n')}\nreturn ${entry};`;
  return new Function(...Object.keys(around), body)(...Object.values(around)) as Complete;
}

/** Generates one function for each place of an object, of a list and of a value in the operation. */
class Generating {
  readonly functions: string[] = [];
  /** Values that the code knows as `k0`, `k1` and so on. */
  readonly known: unknown[] = [];
  readonly #selecting: Selecting;

  constructor(selecting: Selecting) {
    this.#selecting = selecting;
  }

  /** The name of a function that makes an object of this type, once it has been asked whether it is one. */
  checked(place: ObjectPlace): string {
    const make = this.#object(place);
    const { above: position, type } = place;
    if (!position || !type.isTypeOf) return make;
    const passed = parameters('v', position);
    const own = this.#constant(type);
    const wrong = `notOfType(${own}, v, ${this.#constant(position)})`;
    return this.#function('checked', passed, [
      `const is = ${own}.isTypeOf(v, s.context, ${this.#info(position, type.isTypeOf, 2)});`,
      `if (${isPromise('is')})`,
      `return new Later(is, (isOne) => { if (!isOne) throw ${wrong}; return ${make}(${passed}); });`,
      `if (!is) throw ${wrong};`,
      `return ${make}(${passed});`,
    ]);
  }

  #object({ above, type, selections }: ObjectPlace): string {
    const lines: string[] = [];
    const entries: string[] = [];
    for (const [key, nodes] of selectedFields(this.#selecting, type, selections)) {
      const name = nodes[0]?.name.value ?? '';
      const property = key === '__proto__' ? '["__proto__"]' : JSON.stringify(key);
      if (name === '__typename') {
        entries.push(`${property}: ${JSON.stringify(type.name)}`);
        continue;
      }
      const definition = type.getFields()[name];
      if (!definition) throw new Error(`the operation selects ${type.name}.${name}, which the schema does not have`);
      const field: SelectedField = { parentType: type, definition, nodes };
      const value = `v${entries.length}`;
      const position: Position = { above, key, field, type: definition.type, depth: above?.depth ?? 0 };
      lines.push(`let ${value};`, ...this.#guarded(position, value, this.#field(position, value)));
      entries.push(`${property}: ${value}`);
    }
    return this.#function('object', `source, s${indices(above?.depth ?? 0)}`, [
      `const o = (typeof source === 'object' && source !== null) || typeof source === 'function' ? source : NOTHING;`,
      'let waits;',
      ...lines,
      `const out = { ${entries.join(', ')} };`,
      'if (waits !== undefined) hold(waits, out);',
      'return out;',
    ]);
  }

  #field(position: Position, value: string): string[] {
    const { definition } = position.field;
    const { resolve = defaultFieldResolver } = definition;
    const given = this.#arguments(position.field);
    const completed = this.#completed(position, value, (later) => {
      return `waits = s.wait(${later}, ${this.#constant(position)}, ${indexArray(position)}, waits);`;
    });
    if (resolve === defaultFieldResolver) {
      const property = `o[${JSON.stringify(definition.name)}]`;
      const call = `${property}(given, s.context, ${this.#info(position, undefined, 3)})`;
      return [
        ...(given === '{}' ? [] : [`const given = ${given};`]),
        `${value} = ${property};`,
        ...unlessPlain(position.type, value, [
          `if (typeof ${value} === 'function') ${value} = ${given === '{}' ? call.replace('given', given) : call};`,
          ...completed,
        ]),
      ];
    }
    const passed = given.startsWith('{') && !mayRead(resolve, 1) ? 'undefined' : given;
    const call = `${this.#constant(resolve)}(source, ${passed}, s.context, ${this.#info(position, resolve, 3)})`;
    const resolved = [`${value} = ${call};`, ...unlessPlain(position.type, value, completed)];
    const entities = entityList(this.#selecting, position, compileObject);
    if (!entities) return resolved;
    return [`${value} = ${this.#constant(entities)}(s);`, `if (${value} === undefined) {`, ...resolved, '}'];
  }

  /** Code that has the value of a position in the variable, or leaves it to be put there later. */
  #completed(position: Position, value: string, wait: (later: string) => string): string[] {
    const complete = this.#complete(position);
    const lines = [
      `if (${isPromise(value)}) { ${wait(`new Later(${value}, ${complete})`)} ${value} = undefined; }`,
      `else ${value} = ${complete}(${parameters(value, position)});`,
    ];
    if (!mayBeLater(position.type)) return lines;
    return [...lines, `if (${value} instanceof Later) { ${wait(value)} ${value} = undefined; }`];
  }

  /** What goes wrong at a position stays there when it may be null. */
  #guarded(position: Position, value: string, lines: readonly string[]): string[] {
    const place = `${this.#constant(position)}, ${indexArray(position)}`;
    const caught = isNonNullType(position.type)
      ? `throw s.located(error, ${place});`
      : `${value} = s.failed(error, ${place});`;
    return ['try {', ...lines, `} catch (error) { ${caught} }`];
  }

  /** The name of a function that completes what was given for a position. */
  #complete(position: Position): string {
    const { type } = position;
    const isRequired = isNonNullType(type);
    const isNull = isRequired ? `throw missing(${this.#constant(position)});` : 'return null;';
    return this.#function('complete', parameters('v', position), [
      'if (v instanceof Error) throw v;',
      `if (v === null || v === undefined) ${isNull}`,
      ...this.#present(position, isRequired ? type.ofType : type),
    ]);
  }

  #present(position: Position, type: GraphQLOutputType): string[] {
    if (isLeafType(type)) return this.#leaf(type);
    const passed = parameters('v', position);
    if (isListType(type)) return [`return ${this.#list(elementPosition(position, type.ofType))}(${passed});`];
    const selections = position.field.nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (isObjectType(type)) return [`return ${this.checked({ above: position, type, selections })}(${passed});`];
    if (isAbstractType(type)) return this.#abstract(position, type, selections);
    throw new Error(`nothing can be completed to ${String(type)}`);
  }

  #leaf(type: GraphQLLeafType): string[] {
    const test = plainTest(type, 'v');
    return [...(test ? [`if (${test}) return v;`] : []), `return serialized(${this.#constant(type)}, v);`];
  }

  #list(element: Position): string {
    const list = element.above as Position;
    const index = `i${list.depth}`;
    const completed = this.#completed(element, 'e', (later) => {
      return `s.waitIn(out, ${later}, ${this.#constant(element)}, ${indexArray(element)});`;
    });
    return this.#function('list', parameters('v', list), [
      `const list = Array.isArray(v) ? v : listOf(v, ${this.#constant(list)});`,
      `const out = new Array(list.length);`,
      `let ${index} = 0;`,
      `for (; ${index} < list.length; ${index} += 1) {`,
      `let e = list[${index}];`,
      ...this.#guarded(element, 'e', unlessPlain(element.type, 'e', completed)),
      `out[${index}] = e;`,
      '}',
      `if (out.length !== ${index}) out.length = ${index};`,
      'return out;',
    ]);
  }

  /** Completes an object whose type is only known when it is there; what is selected of a type is compiled when one is. */
  #abstract(position: Position, type: GraphQLAbstractType, selections: readonly SelectionSetNode[]): string[] {
    const { schema } = this.#selecting;
    const concrete = new Map<unknown, Complete>();
    const concreteOf = (name: unknown, value: unknown): Complete => {
      const known = concrete.get(name);
      if (known) return known;
      const found = runtimeType({ schema, abstract: type, field: position.field }, name, value);
      const complete = compileObject(this.#selecting, { above: position, type: found, selections });
      concrete.set(name, complete);
      return complete;
    };
    const own = this.#constant(type);
    const passed = parameters('v', position);
    const resolve = type.resolveType
      ? `${own}.resolveType(v, s.context, ${this.#info(position, type.resolveType, 2)}, ${own})`
      : `typeOfItself(v) ?? resolveType(v, s.context, ${this.#info(position, undefined, 2)}, ${own})`;
    const named = (name: string) => `${this.#constant(concreteOf)}(${name}, v)(${passed})`;
    return [
      `const name = ${resolve};`,
      `if (${isPromise('name')}) return new Later(name, (named) => ${named('named')});`,
      `return ${named('name')};`,
    ];
  }

  /** Code of the arguments that a resolver is given. */
  #arguments(field: SelectedField): string {
    const given = fieldArguments(field);
    return given.kind === 'code' ? given.code : `${this.#constant(given.argumentsOf)}(s)`;
  }

  /** Code that tells a resolver about its field; nothing where it cannot look. */
  #info(position: Position, reader: unknown, parameter: number): string {
    if (!mayRead(reader, parameter)) return 'undefined';
    return `s.info(${this.#constant(position)}, ${indexArray(position)})`;
  }

  #constant(value: unknown): string {
    const known = this.known.indexOf(value);
    return `k${known >= 0 ? known : this.known.push(value) - 1}`;
  }

  #function(name: string, given: string, lines: readonly string[]): string {
    const unique = `${name}${this.functions.length}`;
    this.functions.push(`function ${unique}(${given}) {\n${lines.join('\n')}\n}`);
    return unique;
  }
}

function indices(depth: number): string {
  return Array.from({ length: depth }, (_, index) => `, i${index}`).join('');
}

/** What a function for a position is called with: the value, the execution, and the numbers of the elements on the way. */
function parameters(value: string, { depth }: Position): string {
  return `${value}, s${indices(depth)}`;
}

function indexArray({ depth }: Position): string {
  return `[${indices(depth).slice(2)}]`;
}

function isPromise(value: string): string {
  return `(typeof ${value} === 'object' || typeof ${value} === 'function') && ${value} !== null && typeof ${value}.then === 'function'`;
}

/** Whether somebody may have to be asked of which type an object is. */
function mayBeLater(type: GraphQLOutputType): boolean {
  const nullable = isNonNullType(type) ? type.ofType : type;
  return isAbstractType(nullable) || (isObjectType(nullable) && nullable.isTypeOf !== undefined);
}

/** Leaves out what is to be done with a value where it stands for itself. */
function unlessPlain(type: GraphQLOutputType, value: string, lines: readonly string[]): readonly string[] {
  const isRequired = isNonNullType(type);
  const leaf = isRequired ? type.ofType : type;
  const test = isLeafType(leaf) ? plainTest(leaf, value) : undefined;
  if (!test) return lines;
  return [`if (!(${test}${isRequired ? '' : ` || ${value} === null`})) {`, ...lines, '}'];
}
