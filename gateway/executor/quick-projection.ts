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
import { collectFields, type FieldsType } from './collecting.ts';
import { decimalText } from './decimal-text.ts';
import { Code } from './generated-code.ts';
import { isPlain, leafWriter } from './leaves.ts';
import { type Compiling, fieldsTypeOf, typenameOf } from './projecting.ts';
import { type DataObject, isObject } from './values.ts';

/** The JSON text of data in which everything is as it should be, or undefined as soon as something is not. */
export type QuickProject = (data: DataObject, introspection: Readonly<Record<string, string>>) => string | undefined;

/** Thrown by generated code for what it does not write; costs nothing where nothing is wrong. */
const UNFIT = Symbol('unfit');

type WriteObject = (object: unknown, introspection: Readonly<Record<string, string>>) => string;

/** What generated code calls by name. */
interface Surroundings {
  readonly UNFIT: symbol;
  /** What stands between the quotes of a string. */
  readonly inner: (text: string) => string;
  /** What stands between the quotes of an ID, which may come as a whole number. */
  readonly innerOfId: (value: unknown) => string;
  readonly decimalText: (value: number) => string;
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
      return write(data, introspection);
    } catch (refused) {
      if (refused !== UNFIT) throw refused;
      return undefined;
    }
  };
}

function compileObject(compiling: Compiling, type: FieldsType, selections: readonly SelectionSetNode[]): WriteObject {
  const surroundings: Surroundings = { UNFIT, inner, innerOfId, decimalText, leaves: [], concrete: [] };
  const generating = new Generating(compiling, surroundings);
  const entry = generating.object(type, selections);
  const names = Object.keys(surroundings) as (keyof Surroundings)[];
  const body = `'use strict';\n${generating.kept()}\n${generating.functions.join('\n')}\nreturn ${entry};`;
  const made = new Function(...names, body)(...names.map((name) => surroundings[name]));
  return made as WriteObject;
}

/** Longer strings are hardly ever the same twice, and would be held for nothing. */
const KEPT_LENGTH_MAX = 64;

function inner(text: string): string {
  return isPlain(text) ? text : JSON.stringify(text).slice(1, -1);
}

function innerOfId(value: unknown): string {
  if (typeof value === 'string') return inner(value);
  if (!Number.isInteger(value)) throw UNFIT;
  return String(value);
}

/** Generates one function for each place of an object in the operation. */
class Generating {
  readonly functions: string[] = [];
  readonly #compiling: Compiling;
  readonly #surroundings: Surroundings;
  readonly #leaves = new Map<GraphQLLeafType, number>();
  /** Places that keep what they wrote last. */
  #keeping = 0;

  constructor(compiling: Compiling, surroundings: Surroundings) {
    this.#compiling = compiling;
    this.#surroundings = surroundings;
  }

  /** Declares what places keep; nothing is equal to what they begin with. */
  kept(): string {
    return Array.from({ length: this.#keeping }, (_, index) => `let value${index} = UNFIT, text${index} = '';`).join(
      '\n',
    );
  }

  /** The name of a function that writes an object of this type. */
  object(type: FieldsType, selections: readonly SelectionSetNode[]): string {
    const name = `object${this.functions.length}`;
    const index = this.functions.push('') - 1;
    const code = new Code();
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
      `let json = '';\nlet v;\n${lines}\nreturn json;\n}`;
    return name;
  }

  #field(code: Code, parent: FieldsType, responseName: string, nodes: readonly FieldNode[]): Code {
    const fieldName = nodes[0]?.name.value ?? responseName;
    if (fieldName === '__typename') return code.text(JSON.stringify(parent.name));
    if (fieldName === '__schema' || fieldName === '__type') {
      return code.value(`(intro[${JSON.stringify(responseName)}] ?? 'null')`);
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
    code.line(`if (${value} === null || ${value} === undefined) json += 'null';`);
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
    return code.value(`${this.#composite(named, selections, value)}(${value}, intro)`);
  }

  #list(code: Code, element: Place, value: string): Code {
    const [list, index] = [`list${element.depth}`, `index${element.depth}`];
    code.text('[');
    code.flush();
    code.line(`{\nconst ${list} = ${value};`);
    code.line(`if (!Array.isArray(${list})) throw UNFIT;`);
    code.line(`for (let ${index} = 0; ${index} < ${list}.length; ${index} += 1) {`);
    code.line(`const ${variable(element.depth)} = ${list}[${index}];`);
    code.line(`if (${index} > 0) json += ',';`);
    this.#value(code, element);
    code.flush();
    code.line('}\n}');
    return code.text(']');
  }

  #leaf(code: Code, type: GraphQLLeafType, value: string): Code {
    switch (type.name) {
      case 'Int':
        code.line(`if (!Number.isInteger(${value})) throw UNFIT;`);
        return code.value(value);
      case 'Float':
        code.line(`if (!Number.isFinite(${value})) throw UNFIT;`);
        return code.value(`decimalText(${value})`);
      case 'Boolean':
        code.line(`if (typeof ${value} !== 'boolean') throw UNFIT;`);
        return code.value(value);
      case 'String':
        return this.#repeating(code, value, {
          check: `if (typeof ${value} !== 'string') throw UNFIT;`,
          text: `inner(${value})`,
          quote: '"',
        });
      case 'ID':
        return this.#repeating(code, value, { check: '', text: `innerOfId(${value})`, quote: '"' });
      default:
        return this.#repeating(code, value, { check: '', text: `${this.#leafWriter(type)}(${value})`, quote: '' });
    }
  }

  /** A string that is the one that stood in this place before, as units, states and times often are, is not looked through again. */
  #repeating(code: Code, value: string, { check, text, quote }: RepeatingText): Code {
    const place = this.#keeping++;
    const before = JSON.stringify(code.taken() + quote);
    code.line(
      `if (${value} === value${place}) json += text${place};\nelse {\n${check}\nconst text = ${before} + ${text};`,
    );
    code.line(
      `if (typeof ${value} === 'string' && ${value}.length <= ${KEPT_LENGTH_MAX}) value${place} = ${value}, text${place} = text;`,
    );
    code.line('json += text;\n}');
    return code.text(quote);
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

/** Code that checks a value, and an expression for the text of it between quotes or without. */
interface RepeatingText {
  readonly check: string;
  readonly text: string;
  readonly quote: string;
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
