import type { DocumentNode } from 'graphql';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import type { DeclaredCosts, ListSize } from './declared-costs.ts';

/** Estimates what one execution costs, in points: about one for each object of the answer. Of coerced or raw variables. */
export type Estimate = (variables: Readonly<Record<string, unknown>>) => number;

/** Length of a list of objects of which nothing is declared. */
const LIST_ASSUMED = 10;
const OBJECT_WEIGHT = 1;
/** A mutation is durable, and read by every part: far dearer than an object. */
const MUTATION_WEIGHT = 10;

interface Scope {
  readonly schema: GraphQLSchema;
  readonly costs: DeclaredCosts;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Where nothing is said: one for all such selections, so that their fragments are measured once. */
  readonly plain: Place;
}

/** What a field says of the selections below it. */
interface Place {
  /** Fields below whose length the field above gives. */
  readonly sizedFields: readonly string[];
  readonly length: Estimate;
  /** Fragments in this place by name: measured once, however often they are used. */
  readonly measured: Map<string, Estimate>;
}

function place(sizedFields: readonly string[] = [], length: Estimate = NOTHING): Place {
  return { sizedFields, length, measured: new Map() };
}

/**
 * Makes the estimate of an operation: compiled once, then a few multiplications for each request. What `@skip` and `@include` leave out costs nothing;
 * of fields that exclude each other by type, all count. Source: IBM, GraphQL Cost Directives specification (2021).
 */
export function compileEstimate(
  schema: GraphQLSchema,
  costs: DeclaredCosts,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Estimate {
  const root = schema.getRootType(operation.operation);
  if (!root) throw new GraphQLError(`The schema has no ${operation.operation}.`, { nodes: [operation] });
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  const scope: Scope = { schema, costs, fragments, plain: place() };
  const selections = ofSelections(scope, operation.selectionSet, root, scope.plain);
  const extra = operation.operation === OperationTypeNode.MUTATION ? MUTATION_WEIGHT : 0;
  return (variables) => extra + selections(variables);
}

const NOTHING: Estimate = () => 0;

function sum(estimates: readonly Estimate[]): Estimate {
  const costly = estimates.filter((estimate) => estimate !== NOTHING);
  const [first, second] = costly;
  if (!first) return NOTHING;
  if (!second) return first;
  return (variables) => {
    let total = 0;
    for (const estimate of costly) total += estimate(variables);
    return total;
  };
}

function ofSelections(scope: Scope, set: SelectionSetNode, type: GraphQLNamedType, at: Place): Estimate {
  const parts = set.selections.map((selection) => {
    const { directives = [] } = selection;
    if (selection.kind === Kind.FIELD) return whenIncluded(directives, ofField(scope, selection, type, at));
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      return whenIncluded(directives, ofFragment(scope, selection.name.value, type, at));
    }
    const on = conditionType(scope, selection.typeCondition?.name.value, type);
    return whenIncluded(directives, ofSelections(scope, selection.selectionSet, on, at));
  });
  return sum(parts);
}

function conditionType({ schema }: Scope, name: string | undefined, type: GraphQLNamedType): GraphQLNamedType {
  return name === undefined ? type : (schema.getType(name) ?? type);
}

function ofFragment(scope: Scope, name: string, type: GraphQLNamedType, at: Place): Estimate {
  const known = at.measured.get(name);
  if (known) return known;
  const fragment = scope.fragments.get(name);
  if (!fragment) return NOTHING;
  const on = conditionType(scope, fragment.typeCondition.name.value, type);
  const estimate = oncePerRequest(ofSelections(scope, fragment.selectionSet, on, at));
  at.measured.set(name, estimate);
  return estimate;
}

/** Fragments that use each other many times over are worked out once for each request. */
function oncePerRequest(estimate: Estimate): Estimate {
  if (estimate === NOTHING) return NOTHING;
  let last: Readonly<Record<string, unknown>> | undefined;
  let value = 0;
  return (variables) => {
    if (variables !== last) {
      value = estimate(variables);
      last = variables;
    }
    return value;
  };
}

/** What the schema says of itself is written in one go; with as many aliases as there may be it takes as long as this many objects. */
const INTROSPECTION_WEIGHTS: Readonly<Record<string, number>> = { __schema: 1_500, __type: 50 };

function ofField(scope: Scope, node: FieldNode, parent: GraphQLNamedType, at: Place): Estimate {
  const introspection = INTROSPECTION_WEIGHTS[node.name.value];
  if (introspection !== undefined) return () => introspection;
  const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
  if (!field) return NOTHING;
  const declared = scope.costs.get(`${parent.name}.${field.name}`);
  const type = getNamedType(field.type);
  const composite = isCompositeType(type);
  const weight = declared?.weight ?? scope.costs.get(type.name)?.weight ?? (composite ? OBJECT_WEIGHT : 0);
  const length = lengthOf(field, node, declared?.list, at);
  const sizes = declared?.list && declared.list.sizedFields.length > 0 ? declared.list : undefined;
  const below = sizes ? place(sizes.sizedFields, sliced(field, node, sizes)) : scope.plain;
  const inner = node.selectionSet && composite ? ofSelections(scope, node.selectionSet, type, below) : NOTHING;
  if (weight === 0 && inner === NOTHING) return NOTHING;
  // A weight that the field declares is for its resolution, whatever the length; that of an object is for each of them.
  const once = declared?.weight ?? 0;
  const each = declared?.weight === undefined ? weight : composite && isList(field.type) ? OBJECT_WEIGHT : 0;
  if (length === undefined) return (variables) => once + each + inner(variables);
  return (variables) => once + length(variables) * (each + inner(variables));
}

/** The length of a list field; undefined for one that gives a single value. */
function lengthOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  declared: ListSize | undefined,
  at: Place,
): Estimate | undefined {
  if (!isList(field.type)) return undefined;
  if (at.sizedFields.includes(field.name)) return at.length;
  if (declared && declared.sizedFields.length === 0) return sliced(field, node, declared);
  return () => LIST_ASSUMED;
}

/** The largest slicing argument given, as a literal, a variable or by default; else the assumed length. */
function sliced(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  { assumed, slicingArguments }: ListSize,
): Estimate {
  const otherwise = assumed ?? LIST_ASSUMED;
  const given = slicingArguments.map((name) => {
    const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
    const byDefault = field.args.find((argument) => argument.name === name)?.defaultValue;
    return argumentNumber(value, typeof byDefault === 'number' ? byDefault : undefined);
  });
  if (given.length === 0) return () => otherwise;
  return (variables) => {
    let largest: number | undefined;
    for (const read of given) {
      const value = read(variables);
      if (value !== undefined && (largest === undefined || value > largest)) largest = value;
    }
    return Math.max(0, largest ?? otherwise);
  };
}

function argumentNumber(
  value: ValueNode | undefined,
  byDefault: number | undefined,
): (variables: Readonly<Record<string, unknown>>) => number | undefined {
  if (value?.kind === Kind.INT) {
    const literal = Number(value.value);
    return () => literal;
  }
  if (value?.kind === Kind.VARIABLE) {
    const name = value.name.value;
    return (variables) => (typeof variables[name] === 'number' ? variables[name] : byDefault);
  }
  return () => byDefault;
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

function whenIncluded(directives: NonNullable<FieldNode['directives']>, estimate: Estimate): Estimate {
  const conditions = directives.flatMap((directive) => {
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    const name = directive.name.value;
    return value && (name === 'skip' || name === 'include') ? [{ value, wanted: name === 'include' }] : [];
  });
  if (conditions.length === 0 || estimate === NOTHING) return estimate;
  return (variables) => {
    for (const { value, wanted } of conditions) {
      const holds =
        value.kind === Kind.BOOLEAN ? value.value : value.kind === Kind.VARIABLE && variables[value.name.value];
      if (holds !== wanted) return 0;
    }
    return estimate(variables);
  };
}
