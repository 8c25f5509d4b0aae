import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLLeafType,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';
import { DATA_HEAD, DATA_TAIL } from '../answer.ts';
import { collectFields, type FieldsType } from './collecting.ts';
import { decimalText } from './decimal-text.ts';
import { Code } from './generated-code.ts';
import { beginJson, keptSince, putBytes, putInner, putJson, writtenBytes, writtenSince } from './json-bytes.ts';
import { leafWriter } from './leaves.ts';
import { type Compiling, fieldsTypeOf, typenameOf } from './projecting.ts';
import { type DataObject, isObject } from './values.ts';

/** `{"data":…}` of data in which everything is as it should be, in UTF-8, or undefined as soon as something is not. */
export type QuickProject = (data: DataObject, introspection: Readonly<Record<string, string>>) => Buffer | undefined;

/** Thrown by generated code for what it does not write; costs nothing where nothing is wrong. */
const UNFIT = Symbol('unfit');

type WriteObject = (object: unknown, introspection: Readonly<Record<string, string>>) => void;

/** What all generated code calls by name. */
const WRITING = { UNFIT, putBytes, putJson, putInner, putId, writtenBytes, keptSince, decimalText };

/** What code of one operation calls by name. */
interface Surroundings {
  /** Pieces of JSON that are known beforehand. */
  readonly constants: Uint8Array[];
  /** Writers of other leaves, one for each type. */
  readonly leaves: ((value: unknown) => string)[];
  /** For each place of an abstract type, the writer for what stands there. */
  readonly concrete: ((value: unknown) => WriteObject)[];
}

/**
 * A writer for an operation's root selections, as code that is generated for it: names are part of the code, so that the engine knows the place of
 * each field in its objects. Names of an operation and of its schema stand in it as JSON strings alone. What this writer refuses is written by
 * `compileProjection`, which knows what to do about nulls and which path to name.
 */
export function compileQuickProjection(
  compiling: Compiling,
  root: GraphQLObjectType,
  selections: SelectionSetNode,
): QuickProject {
  const write = compileObject(compiling, root, [selections]);
  return (data, introspection) => {
    try {
      beginJson();
      putBytes(DATA_HEAD);
      write(data, introspection);
      putBytes(DATA_TAIL);
      return writtenSince(0);
    } catch (refused) {
      if (refused !== UNFIT) throw refused;
      return undefined;
    }
  };
}

function compileObject(compiling: Compiling, type: FieldsType, selections: readonly SelectionSetNode[]): WriteObject {
  const surroundings: Surroundings = { constants: [], leaves: [], concrete: [] };
  const generating = new Generating(compiling, surroundings);
  const entry = generating.object(type, selections);
  const body = `'use strict';\n${generating.declarations()}\n${generating.functions.join('\n')}\nreturn ${entry};`;
  const named = { ...WRITING, ...surroundings };
  return new Function(...Object.keys(named), body)(...Object.values(named)) as WriteObject;
}

/** Longer strings are hardly ever the same twice, and would be held for nothing. */
const KEPT_LENGTH_MAX = 64;

/** Appends what stands between the quotes of an ID, which may come as a whole number. */
function putId(value: unknown): void {
  if (typeof value === 'string') putInner(value);
  else if (Number.isInteger(value)) putJson(String(value));
  else throw UNFIT;
}

/** Generates one function for each place of an object in the operation. */
class Generating {
  readonly functions: string[] = [];
  readonly #compiling: Compiling;
  readonly #surroundings: Surroundings;
  readonly #leaves = new Map<GraphQLLeafType, number>();
  /** Names of constants by their text. */
  readonly #constants = new Map<string, string>();
  /** Places that keep what they wrote last. */
  #keeping = 0;

  constructor(compiling: Compiling, surroundings: Surroundings) {
    this.#compiling = compiling;
    this.#surroundings = surroundings;
  }

  /** Constants by a name of their own, and what places keep: nothing is equal to what they begin with. */
  declarations(): string {
    const constants = this.#surroundings.constants.map((_, index) => `const constant${index} = constants[${index}];`);
    const kept = Array.from({ length: this.#keeping }, (_, index) => `let value${index} = UNFIT, bytes${index};`);
    return [...constants, ...kept].join('\n');
  }

  /** The name of a function that writes an object of this type. */
  object(type: FieldsType, selections: readonly SelectionSetNode[]): string {
    const name = `object${this.functions.length}`;
    const index = this.functions.push('') - 1;
    const code = new Code((text) => this.#constant(text));
    code.text('{');
    let first = true;
    for (const [responseName, nodes] of collectFields(this.#compiling, type, selections)) {
      code.text(`${first ? '' : ','}${JSON.stringify(responseName)}:`);
      first = false;
      this.#field(code, type, responseName, nodes);
    }
    code.text('}');
    const lines = code.finished();
    this.functions[index] =
      `function ${name}(o, intro) {\nif (typeof o !== 'object' || o === null || Array.isArray(o)) throw UNFIT;\n` +
      `let v;\n${lines}\n}`;
    return name;
  }

  #field(code: Code, parent: FieldsType, responseName: string, nodes: readonly FieldNode[]): Code {
    const fieldName = nodes[0]?.name.value ?? responseName;
    if (fieldName === '__typename') return code.text(JSON.stringify(parent.name));
    if (fieldName === '__schema' || fieldName === '__type') {
      return code.put(`putJson(intro[${JSON.stringify(responseName)}] ?? 'null');`);
    }
    const field = parent.getFields()[fieldName];
    if (!field) throw new Error(`the operation selects ${parent.name}.${fieldName}, which the schema does not have`);
    const source = JSON.stringify(this.#compiling.names.inside(responseName));
    const selections = nodes.flatMap((node) => (node.selectionSet ? [node.selectionSet] : []));
    code.line(`v = o[${source}];`);
    return this.#value(code, { type: field.type, selections, depth: 0 });
  }

  /** Writes what is in `v`, or in the variable of a list's elements. */
  #value(code: Code, place: Place): Code {
    if (isNonNullType(place.type)) return this.#present(code, { ...place, type: place.type.ofType });
    const value = variable(place.depth);
    code.flush();
    code.line(`if (${value} === null || ${value} === undefined) putBytes(${this.#constant('null')});`);
    code.line('else {');
    this.#present(code, place);
    code.flush();
    return code.line('}');
  }

  /** Writes what is there. */
  #present(code: Code, { type, selections, depth }: Place): Code {
    const value = variable(depth);
    if (isListType(type)) return this.#list(code, { type: type.ofType, selections, depth: depth + 1 }, value);
    const named = type as GraphQLNamedOutputType;
    if (isLeafType(named)) return this.#leaf(code, named, value);
    return code.put(`${this.#composite(named, selections, value)}(${value}, intro);`);
  }

  #list(code: Code, element: Place, value: string): Code {
    const [list, index] = [`list${element.depth}`, `index${element.depth}`];
    code.text('[');
    code.flush();
    code.line(`{\nconst ${list} = ${value};`);
    code.line(`if (!Array.isArray(${list})) throw UNFIT;`);
    code.line(`for (let ${index} = 0; ${index} < ${list}.length; ${index} += 1) {`);
    code.line(`const ${variable(element.depth)} = ${list}[${index}];`);
    code.line(`if (${index} > 0) putBytes(${this.#constant(',')});`);
    this.#value(code, element);
    code.flush();
    code.line('}\n}');
    return code.text(']');
  }

  #leaf(code: Code, type: GraphQLLeafType, value: string): Code {
    switch (type.name) {
      case 'Int':
        code.line(`if (!Number.isInteger(${value})) throw UNFIT;`);
        return code.put(`putJson(String(${value}));`);
      case 'Float':
        code.line(`if (!Number.isFinite(${value})) throw UNFIT;`);
        return code.put(`putJson(decimalText(${value}));`);
      case 'Boolean':
        code.line(`if (typeof ${value} !== 'boolean') throw UNFIT;`);
        return code.put(`putJson(String(${value}));`);
      case 'String':
        code.line(`if (typeof ${value} !== 'string') throw UNFIT;`);
        return this.#repeating(code.text('"'), value, `putInner(${value});`).text('"');
      case 'ID':
        return this.#repeating(code.text('"'), value, `putId(${value});`).text('"');
      default:
        return this.#repeating(code, value, `putJson(${this.#leafWriter(type)}(${value}));`);
    }
  }

  /**
   * A string that stands in one place again and again, as units, states and times often do, is looked through and converted once, together with what stands
   * in front of it.
   */
  #repeating(code: Code, value: string, put: string): Code {
    const place = this.#keeping++;
    const [kept, bytes] = [`value${place}`, `bytes${place}`];
    const before = code.taken();
    code.line(`if (${value} === ${kept} && ${bytes}) putBytes(${bytes});`);
    code.line(`else {\nconst start = writtenBytes();\n${before}\n${put}`);
    code.line(`if (${value} === ${kept}) ${bytes} = keptSince(start);`);
    code.line(
      `else if (typeof ${value} === 'string' && ${value}.length <= ${KEPT_LENGTH_MAX}) ${kept} = ${value}, ${bytes} = undefined;`,
    );
    return code.line('}');
  }

  #constant(text: string): string {
    const known = this.#constants.get(text);
    if (known !== undefined) return known;
    const name = `constant${this.#surroundings.constants.push(Buffer.from(text)) - 1}`;
    this.#constants.set(text, name);
    return name;
  }

  /** Code that gives the writer of the object in `value`. */
  #composite(type: GraphQLCompositeType, selections: readonly SelectionSetNode[], value: string): string {
    if (isObjectType(type)) return this.object(type, selections);
    const compiling = this.#compiling;
    const known = new Map<unknown, WriteObject>();
    const index = this.#surroundings.concrete.push((object) => {
      const typename = isObject(object) ? typenameOf(compiling, type, object) : undefined;
      const written = known.get(typename);
      if (written) return written;
      const fieldsType = fieldsTypeOf(compiling, type, typename, selections);
      if (!fieldsType) throw UNFIT;
      const write = compileObject(compiling, fieldsType, selections);
      known.set(typename, write);
      return write;
    });
    return `concrete[${index - 1}](${value})`;
  }

  #leafWriter(type: GraphQLLeafType): string {
    const known = this.#leaves.get(type);
    if (known !== undefined) return `leaves[${known}]`;
    const write = leafWriter(type);
    const index = this.#surroundings.leaves.push((value) => {
      const text = write(value);
      if (text === undefined) throw UNFIT;
      return text;
    });
    this.#leaves.set(type, index - 1);
    return `leaves[${index - 1}]`;
  }
}

interface Place {
  readonly type: GraphQLOutputType;
  readonly selections: readonly SelectionSetNode[];
  /** How many lists the place is in. */
  readonly depth: number;
}

function variable(depth: number): string {
  return depth === 0 ? 'v' : `v${depth}`;
}
