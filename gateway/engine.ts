import { AppError } from '@greencity/platform/errors';
import type { SubgraphContext, Viewer } from '@greencity/platform/graphql/port';
import type { Logger } from '@greencity/platform/log/port';
import { type DocumentNode, type GraphQLSchema, OperationTypeNode } from 'graphql';
import type { Answer } from './answer.ts';
import { isAskedFor, type RefusedField, refusalFaults, refusedFields } from './authorisation/restricted-fields.ts';
import type { TellRefused } from './authorisation/told-refusals.ts';
import type { Changed } from './cache/changes.ts';
import { noteRoots } from './cache/dependencies.ts';
import { changedByMutation } from './cache/mutation-changes.ts';
import type { AnswerRecord } from './cache/record.ts';
import { watchedViewer } from './cache/watched-viewer.ts';
import type { BudgetState } from './cost/budgets.ts';
import { type Explainer, explainer } from './errors.ts';
import type { Deadlines } from './executor/deadline.ts';
import type { CompiledOperation, OperationCompiler } from './executor/operation.ts';
import type { Deadline, Fault, Run } from './executor/run.ts';
import { type DataObject, isPromise, type MaybePromise } from './executor/values.ts';
import { boundedCache } from './planning/bounded-cache.ts';
import type { SubgraphExecutor, Variables } from './subgraph/port.ts';

/** One operation of one client. */
export interface OperationRequest {
  /** The text that the document was parsed from. */
  readonly source: string;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Variables | undefined;
  readonly viewer: Viewer;
  readonly requestId: string;
  /** Is told what the answer depends on. */
  readonly record?: AnswerRecord | undefined;
  /** Told what is left of the viewer's budget, where one is kept. */
  readonly onBudget?: (state: BudgetState) => void;
}

/** Executes operations of a loaded supergraph. */
export interface Engine {
  /** The operation, where it is compiled already. */
  known(request: Pick<OperationRequest, 'source' | 'operationName'>): CompiledOperation | undefined;
  compiled(request: Pick<OperationRequest, 'source' | 'document' | 'operationName'>): CompiledOperation;
  /** The request's variables with defaults filled in, before anything is planned. @throws AppError BAD_USER_INPUT */
  coerced(request: Pick<OperationRequest, 'document' | 'operationName' | 'variables'>): Variables;
  /** Makes ready what `execute` makes ready itself where it is not given. @throws GraphQLError for what cannot be planned, or variables that do not fit */
  prepare(request: OperationRequest, known?: CompiledOperation): Prepared;
  execute(request: OperationRequest, prepared?: Prepared): Promise<Answer>;
  /** Runs what a plan still has to fetch, for one or more roots at once. */
  run(work: Work, use: (run: Run) => MaybePromise<void>): MaybePromise<void>;
  explainer(requestId: string): Explainer;
}

/** An operation that is compiled, with its variables. */
export interface Prepared {
  readonly operation: CompiledOperation;
  readonly variables: Variables;
}

export interface Work {
  readonly roots: readonly DataObject[];
  readonly variables: Variables;
  readonly viewer: Viewer;
  readonly record?: AnswerRecord | undefined;
}

export interface EngineDependencies {
  readonly compiler: OperationCompiler;
  readonly subgraphs: SubgraphExecutor;
  readonly deadlines: Deadlines;
  readonly log: Logger;
  readonly plansMax: number;
  /** Is told which mutations somebody may not have. */
  readonly tellRefused?: TellRefused;
  /** For those who keep answers; without it nobody does. */
  readonly keeping?: {
    /** What clients see. */
    readonly schema: GraphQLSchema;
    /** A mutation of this viewer has been executed: what was asked for before may have changed. */
    readonly changed: (viewer: Viewer, changed: Changed) => void;
  };
}

export function openEngine(dependencies: EngineDependencies): Engine {
  const { compiler, subgraphs, deadlines, log, plansMax, tellRefused, keeping } = dependencies;
  const plans = boundedCache<CompiledOperation>(plansMax);
  const compiled: Engine['compiled'] = ({ document, ...asked }) => {
    const key = planKey(asked);
    const found = plans.get(key);
    if (found) return found;
    const operation = compiler.compile(document, asked.operationName);
    plans.set(key, operation);
    return operation;
  };
  const run: Engine['run'] = (work, use) => {
    const deadline = deadlines.start();
    let done: MaybePromise<void>;
    try {
      done = use(newRun(work, subgraphs, deadline));
    } catch (error) {
      deadline.end();
      throw error;
    }
    if (isPromise(done)) return done.finally(() => deadline.end());
    deadline.end();
    return undefined;
  };
  const prepare: Engine['prepare'] = (request, operation = compiled(request)) => {
    return { operation, variables: operation.coerce(request.variables) };
  };
  const execute: Engine['execute'] = async (request, prepared) => {
    const explaining = explainer(log, request.requestId);
    let changed: Changed | undefined;
    try {
      const { operation, variables } = prepared ?? prepare(request);
      if (operation.kind === OperationTypeNode.SUBSCRIPTION) throw new AppError('BAD_USER_INPUT', NEEDS_STREAM);
      const changes = operation.kind === OperationTypeNode.MUTATION;
      const root: DataObject = {};
      let faults: readonly Fault[] = [];
      const refused = refusedFields(operation.restricted, request.viewer);
      const fetchAll =
        refused.length === 0
          ? operation.fetchAll
          : operation.fetchWithout(new Set(refused.map(({ coordinate }) => coordinate)));
      if (changes && refused.length > 0) await tellRefused?.(request.viewer, mutationsIn(refused, variables));
      if (changes && keeping) {
        const coordinates = new Set(refused.map(({ coordinate }) => coordinate));
        changed = changedByMutation(keeping.schema, request, { variables, refused: coordinates });
      }
      const { record } = request;
      if (record && keeping) noteRoots(keeping.schema, request, variables, record);
      if (operation.restricted.length > 0) record?.personal();
      const viewer = record && !changes ? watchedViewer(request.viewer, record) : request.viewer;
      await run({ roots: [root], variables, viewer, record }, async (started) => {
        await fetchAll(started);
        faults = [...refusalFaults(root, refused, variables), ...(started.faults[0] ?? [])];
      });
      const written = operation.write(root, faults, variables);
      // What failed may be well again at once.
      if (written.faults.length > 0) record?.unknown();
      return { whole: written.whole, errors: explaining.faults(written.faults) };
    } catch (error) {
      request.record?.unknown();
      const fault: Fault = { subgraph: undefined, error: error as Error, path: undefined, whole: true };
      return { whole: undefined, errors: explaining.faults([fault]) };
    } finally {
      if (changed) keeping?.changed(request.viewer, changed);
    }
  };
  const coerced: Engine['coerced'] = ({ document, operationName, variables }) =>
    compiler.coerce(document, operationName, variables);
  const known: Engine['known'] = (asked) => plans.get(planKey(asked));
  return { known, compiled, coerced, prepare, execute, run, explainer: (requestId) => explainer(log, requestId) };
}

const NEEDS_STREAM =
  'a subscription is answered over WebSocket, or to Accept with text/event-stream or multipart/mixed;subscriptionSpec=1.0';

/** Names of the refused fields that are mutations, as far as these variables ask for them. */
function mutationsIn(refused: readonly RefusedField[], variables: Variables): ReadonlySet<string> {
  const asked = refused.filter((field) => field.path.length === 1 && isAskedFor(field, variables));
  return new Set(asked.map(({ coordinate }) => coordinate.slice(coordinate.indexOf('.') + 1)));
}

function planKey({ source, operationName }: Pick<OperationRequest, 'source' | 'operationName'>): string {
  return operationName === undefined ? source : `${operationName}\n${source}`;
}

function newRun({ roots, variables, viewer, record }: Work, subgraphs: SubgraphExecutor, deadline: Deadline): Run {
  const contexts = new Map<string, SubgraphContext>();
  return {
    roots,
    faults: roots.map(() => []),
    variables,
    deadline,
    context(subgraph) {
      const known = contexts.get(subgraph);
      if (known) return known;
      const context = subgraphs.context(subgraph, viewer, { endsMs: deadline.endsMs, record });
      contexts.set(subgraph, context);
      return context;
    },
  };
}
