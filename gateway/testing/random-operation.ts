import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { type Chance, oneOf } from './chance.ts';

/** An operation with its variables. Most are valid; a caller validates and leaves the others. */
export interface RandomOperation {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

interface Writing {
  readonly schema: GraphQLSchema;
  readonly random: Chance;
  readonly definitions: string[];
  readonly variables: Record<string, unknown>;
  readonly fragments: string[];
  aliases: number;
  fields: number;
}

const DEPTH_MAX = 5;
const FIELDS_MAX = 3;
/** Fields of one operation: planning abstract types multiplies them. */
const OPERATION_FIELDS_MAX = 25;

/** A random query over a schema: aliases, arguments, variables, defaults, fragments, `@skip` and `@include`. */
export function randomQuery(schema: GraphQLSchema, random: Chance): RandomOperation {
  const writing: Writing = { schema, random, definitions: [], variables: {}, fragments: [], aliases: 0, fields: 0 };
  const query = schema.getQueryType();
  if (!query) throw new Error('a schema has a query type');
  const selections = writeSelections(writing, query, 0);
  const definitions = writing.definitions.length > 0 ? `(${writing.definitions.join(', ')})` : '';
  return {
    text: `query Random${definitions} ${selections}\n${writing.fragments.join('\n')}`,
    variables: writing.variables,
  };
}

function writeSelections(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const { random } = writing;
  const fields = isUnionType(type) ? [] : Object.values(type.getFields()).filter(({ name }) => !name.startsWith('_'));
  const full = depth >= DEPTH_MAX || writing.fields > OPERATION_FIELDS_MAX;
  const usable = full ? fields.filter((field) => !isCompositeType(getNamedType(field.type))) : fields;
  const written: string[] = [];
  if (random() < 0.15 || usable.length === 0) written.push(random() < 0.3 ? 'kind: __typename' : '__typename');
  for (let count = 0; usable.length > 0 && count < (full ? 1 : 1 + random() * FIELDS_MAX); count += 1) {
    written.push(writeField(writing, oneOf(usable, random), depth));
  }
  if (!full && random() < 0.35) written.push(writeFragment(writing, type, depth));
  if (random() < 0.1 && written.length > 0) written.push(oneOf(written, random));
  return `{ ${written.join(' ')} }`;
}

function writeField(writing: Writing, field: GraphQLField<unknown, unknown>, depth: number): string {
  const { random } = writing;
  writing.fields += 1;
  const args = field.args.filter((arg) => isNonNullType(arg.type) || random() < 0.5);
  let alias = '';
  if (field.args.length > 0) {
    writing.aliases += 1;
    alias = `a${writing.aliases}: `;
  } else if (random() < 0.2) {
    alias = `${oneOf(['b', 'constructor', 'toString'], random)}_${field.name}: `;
  }
  if (alias === '' && random() < 0.02) alias = '__proto__: ';
  const given = args.map((arg) => writeArgument(writing, arg)).filter((text) => text !== '');
  const type = getNamedType(field.type);
  const below = isCompositeType(type) ? ` ${writeSelections(writing, type, depth + 1)}` : '';
  return `${alias}${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}${writeCondition(writing)}${below}`;
}

function writeCondition(writing: Writing): string {
  const { random } = writing;
  if (random() > 0.15) return '';
  const directive = random() < 0.5 ? 'skip' : 'include';
  const roll = random();
  if (roll < 0.2) return ` @${directive}(if: ${random() < 0.5})`;
  const name = oneOf(['p', 'q', 'r'], random);
  if (!Object.hasOwn(writing.variables, name)) {
    writing.definitions.push(name === 'r' ? '$r: Boolean! = true' : `$${name}: Boolean!`);
    if (name !== 'r' || random() < 0.5) writing.variables[name] = random() < 0.5;
    else writing.variables[name] = undefined;
  }
  return ` @${directive}(if: $${name})`;
}

function writeFragment(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const { schema, random } = writing;
  const candidates: GraphQLNamedType[] = [type];
  if (isAbstractType(type)) candidates.push(...schema.getPossibleTypes(type), ...schema.getPossibleTypes(type));
  if (isObjectType(type)) candidates.push(...type.getInterfaces());
  const condition = oneOf(candidates, random) as GraphQLCompositeType;
  const selections = writeSelections(writing, condition, depth + (condition === type ? 1 : 0));
  if (random() < 0.4) {
    const name = `F${writing.fragments.length}`;
    writing.fragments.push(`fragment ${name} on ${condition.name} ${selections}`);
    return `...${name}${writeCondition(writing)}`;
  }
  const on = condition === type && random() < 0.3 ? '' : ` on ${condition.name}`;
  return `...${on}${writeCondition(writing)} ${selections}`;
}

function writeArgument(writing: Writing, arg: GraphQLArgument): string {
  const { random } = writing;
  if (random() < 0.4) {
    const name = `v${writing.definitions.length}`;
    const value = randomValue(writing, arg.type);
    const optional = !isNonNullType(arg.type);
    if (random() < 0.3) {
      writing.definitions.push(`$${name}: ${arg.type} = ${literal(writing, arg.type, randomValue(writing, arg.type))}`);
      writing.variables[name] = random() < 0.5 ? value : undefined;
    } else {
      writing.definitions.push(`$${name}: ${arg.type}`);
      writing.variables[name] = optional && random() < 0.2 ? undefined : value;
    }
    return `${arg.name}: $${name}`;
  }
  return `${arg.name}: ${literal(writing, arg.type, randomValue(writing, arg.type))}`;
}

function randomValue(writing: Writing, type: GraphQLInputType): unknown {
  const { random } = writing;
  if (isNonNullType(type)) return randomValue(writing, type.ofType) ?? randomValue(writing, type);
  if (random() < 0.1) return null;
  if (isListType(type)) return Array.from({ length: random() * 3 }, () => randomValue(writing, type.ofType));
  if (isEnumType(type)) return oneOf(type.getValues(), random).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || random() < 0.5);
    return Object.fromEntries(fields.map((field) => [field.name, randomValue(writing, field.type)]));
  }
  switch (type.name) {
    case 'Int':
      return Math.floor(random() * 20);
    case 'Boolean':
      return random() < 0.5;
    case 'DateTime':
      return '2026-11-23T10:00:00Z';
    case 'Duration':
      return 'PT1H';
    case 'ID':
    case 'String':
      return oneOf(['1', '2', 'x "y"'], random);
    default:
      return Math.floor(random() * 100) / 4;
  }
}

function literal(writing: Writing, type: GraphQLInputType, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (isNonNullType(type)) return literal(writing, type.ofType, value);
  if (isListType(type))
    return `[${(value as unknown[]).map((element) => literal(writing, type.ofType, element)).join(', ')}]`;
  if (isEnumType(type)) return String(value);
  if (isInputObjectType(type)) {
    const fields = Object.entries(value as object).map(([name, field]) => {
      const fieldType = type.getFields()[name]?.type;
      return fieldType ? `${name}: ${literal(writing, fieldType, field)}` : '';
    });
    return `{ ${fields.join(', ')} }`;
  }
  return JSON.stringify(value);
}
