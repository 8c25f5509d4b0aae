import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type OperationTypeNode,
} from 'graphql';
import { wholeOf } from '../answer.ts';
import type { FieldAccess } from '../authorisation/field-access.ts';
import { type RestrictedField, restrictedFields, withoutFields } from '../authorisation/restricted-fields.ts';
import type { Planner } from '../planning/planner.ts';
import type { SubgraphError, SubgraphExecutor, Variables } from '../subgraph/port.ts';
import { conditionVariables } from './collecting.ts';
import { compileFaultPlaces, type PlaceFaults } from './fault-places.ts';
import type { CompiledFetch, Step } from './fetching.ts';
import { compileIntrospection, type Introspect } from './introspection.ts';
import { operationOf } from './operation-of.ts';
import { conditionsKey, planPerConditions } from './planned.ts';
import { compileProjection, type Project, type Projected, type Violation } from './projection.ts';
import { compileQuickProjection } from './quick-projection.ts';
import { type ResponseNames, responseShelter } from './response-names.ts';
import type { Fault } from './run.ts';
import { withSettledConditions } from './static-conditions.ts';
import { typeConditions } from './type-conditions.ts';
import type { DataObject } from './values.ts';
import { coerceVariables } from './variables.ts';

/** What was merged, written as `{"data":…}`, with what went wrong on the way. */
export interface Written {
  readonly whole: Buffer;
  readonly faults: readonly Fault[];
}

/** An operation planned and compiled once, for all requests that send it. */
export interface CompiledOperation {
  readonly kind: OperationTypeNode;
  /** @throws AppError BAD_USER_INPUT */
  coerce(variables: Variables | undefined): Variables;
  /** Fetches everything; for a subscription, what is left to fetch after its event. */
  readonly fetchAll: Step;
  /** Fields that not everybody may have. */
  readonly restricted: readonly RestrictedField[];
  /** Fetches everything but fields of these coordinates. */
  fetchWithout(coordinates: ReadonlySet<string>): Step;
  /** The subscription's own fetch. */
  eventsFor(variables: Variables): CompiledFetch | undefined;
  write(data: DataObject, faults: readonly Fault[], variables: Variables): Written;
}

/** Makes compiled operations. */
export interface OperationCompiler {
  /** A client's variables with defaults filled in: nothing has to be planned for that. @throws AppError BAD_USER_INPUT */
  coerce(document: DocumentNode, operationName: string | undefined, variables: Variables | undefined): Variables;
  compile(document: DocumentNode, operationName: string | undefined): CompiledOperation;
}

/** Compiles operations over a supergraph. */
export function operationCompiler(
  planner: Planner,
  subgraphs: SubgraphExecutor,
  access: FieldAccess = new Map(),
): OperationCompiler {
  const types = typeConditions(planner.supergraphSchema);
  const shelter = responseShelter(planner.supergraphSchema);
  return {
    coerce: (document, operationName, variables) =>
      coerceVariables(planner.apiSchema, operationOf(document, operationName), variables),
    compile(document, operationName) {
      const operation = operationOf(document, operationName);
      const { document: sheltered, names } = shelter(withSettledConditions(document, {}));
      const deciding = conditionVariables(sheltered);
      const planning = { planner, operationName, deciding, subgraphs, types };
      const planFor = planPerConditions(sheltered, planning);
      // At most one for each set of scopes that viewers have.
      const reduced = new Map<string, Step>();
      return {
        kind: operation.operation,
        coerce: (variables) => coerceVariables(planner.apiSchema, operation, variables),
        fetchAll: (run) => planFor(run.variables).fetchAll(run),
        eventsFor: (variables) => planFor(variables).events,
        restricted: restrictedFields(
          { schema: planner.apiSchema, access },
          sheltered,
          operationOf(sheltered, operationName),
        ),
        fetchWithout(coordinates) {
          const key = [...coordinates].sort().join(' ');
          const known = reduced.get(key);
          if (known) return known;
          const reducedFor = planPerConditions(withoutFields(sheltered, planner.apiSchema, coordinates), planning);
          const fetchAll: Step = (run) => reducedFor(run.variables).fetchAll(run);
          reduced.set(key, fetchAll);
          return fetchAll;
        },
        write: compileWriting(planner, document, operation, { names, deciding }),
      };
    },
  };
}

interface Writer {
  readonly placeFaults: PlaceFaults;
  readonly project: (...given: Parameters<Project>) => Pick<Written, 'whole'> & Pick<Projected, 'violations'>;
  readonly introspect: Introspect;
}

/** One writer for each combination of `@skip` and `@include`, made when it is first needed. */
function compileWriting(
  { apiSchema: schema, interfaceObjects }: Planner,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { names, deciding }: { readonly names: ResponseNames; readonly deciding: ReadonlySet<string> },
): CompiledOperation['write'] {
  const fragments = new Map(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`the schema has no ${operation.operation}`);
  const writers = new Map<string, Writer>();
  const writerFor = (conditions: Variables): Writer => {
    const key = conditionsKey(deciding, conditions);
    const known = writers.get(key);
    if (known) return known;
    const scope = { schema, fragments, conditions };
    const compiling = { ...scope, names, interfaceObjects };
    const quick = compileQuickProjection(compiling, root, operation.selectionSet);
    const exact = compileProjection(compiling, root, operation.selectionSet);
    const writer: Writer = {
      project: (data, introspection) => {
        const whole = quick(data, introspection);
        if (whole) return { whole, violations: [] };
        const { json, violations } = exact(data, introspection);
        return { whole: wholeOf(json), violations };
      },
      introspect: compileIntrospection(scope, operation),
      placeFaults: compileFaultPlaces(scope, operation.selectionSet),
    };
    if (writers.size < WRITERS_MAX) writers.set(key, writer);
    return writer;
  };
  return (data, faults, variables) => {
    const writer = writerFor(variables);
    const { whole, violations } = writer.project(data, writer.introspect(variables));
    const outside = faults.map((fault) => (fault.path ? { ...fault, path: names.outside(fault.path) } : fault));
    const placed = writer.placeFaults(outside, whole);
    const unexplained = violations.filter(({ path }) => !placed.some((fault) => explains(fault, path)));
    return { whole, faults: unexplained.length === 0 ? placed : [...placed, ...violationFaults(unexplained)] };
  };
}

/** Combinations of conditions of one operation that are kept; beyond it a writer is made anew each time. */
const WRITERS_MAX = 64;

/** A fault explains a missing value at its own place, above it, and, when a whole fetch failed, below it. */
function explains(fault: Fault, path: readonly (string | number)[]): boolean {
  const at = fault.path ?? [];
  const shorter = Math.min(at.length, path.length);
  for (let index = 0; index < shorter; index += 1) if (at[index] !== path[index]) return false;
  return at.length >= path.length || fault.whole;
}

/** A mistake of a subgraph is as unforeseen as any other, and told to the log once for all of its places. */
function violationFaults(violations: readonly Violation[]): readonly Fault[] {
  const mistakes = new Map<string, SubgraphError>();
  return violations.map(({ kind, message, path }) => {
    if (kind === 'missing') {
      return { subgraph: undefined, error: { message, extensions: { code: 'NOT_FOUND' } }, path, whole: false };
    }
    const error = mistakes.get(message) ?? { message, originalError: new Error(message) };
    mistakes.set(message, error);
    return { subgraph: undefined, error, path, whole: false };
  });
}
