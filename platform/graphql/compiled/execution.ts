import {
  type ExecutionResult,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  locatedError,
  type OperationDefinitionNode,
} from 'graphql';
import { fieldPath, type Indices, nullableAt, type Position, pathOf, type SelectedField } from './positions.ts';

/** Arguments or variables, by name. */
type Values = Readonly<Record<string, unknown>>;

/** What all executions of one operation have in common. */
export interface Operation {
  readonly schema: GraphQLSchema;
  readonly definition: OperationDefinitionNode;
  readonly fragments: Record<string, FragmentDefinitionNode>;
}

/** Makes the value of a position from what its resolver gave. */
export type Complete = (value: unknown, execution: Execution, ...indices: number[]) => unknown;

/** A value that is not there yet: what a resolver promised, or an object whose type somebody promised to tell. */
export class Later {
  readonly promise: PromiseLike<unknown>;
  /** Completes the value, given what the promise resolved to. */
  readonly complete: Complete;
  constructor(promise: PromiseLike<unknown>, complete: Complete) {
    this.promise = promise;
    this.complete = complete;
  }
}

/** An object or a list of the answer. */
type Holder = Record<string | number, unknown>;

/** The place of a value that is waited for. */
export interface Waiting {
  /** The next one of the same object. */
  readonly next: Waiting | undefined;
  readonly position: Position;
  readonly indices: Indices;
  readonly complete: Complete;
  /** What it will be put in; undefined as long as that is made, and for ever when making it failed. */
  holder: Holder | undefined;
}

/** Says in which object the values that it waits for belong. */
export function hold(waiting: Waiting, holder: Holder): void {
  for (let one: Waiting | undefined = waiting; one; one = one.next) one.holder = holder;
}

/**
 * One execution of a compiled operation. Everything that can be done at once is: promises are waited for only where a resolver gave one, each
 * puts its value where it belongs, and the answer is given when none is left.
 */
export class Execution {
  readonly root: unknown;
  readonly context: unknown;
  readonly variables: Values;
  readonly #operation: Operation;
  #arguments: Map<SelectedField, Values> | undefined;
  #data: unknown;
  #errors: GraphQLError[] | undefined;
  /** Places that are null because something went wrong there: nothing below them is told. */
  #nulled: Set<string> | undefined;
  #pending = 0;
  #isOver = false;
  #finish: ((result: ExecutionResult) => void) | undefined;

  constructor(operation: Operation, root: unknown, context: unknown, variables: Values) {
    this.#operation = operation;
    this.root = root;
    this.context = context;
    this.variables = variables;
  }

  run(complete: Complete): ExecutionResult | Promise<ExecutionResult> {
    try {
      this.#data = complete(this.root, this);
    } catch (error) {
      this.#endWith(error as GraphQLError);
    }
    if (this.#pending === 0 || this.#isOver) return this.#result();
    return new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Notes what went wrong at a position that may be null. */
  failed(error: unknown, position: Position, indices: Indices): null {
    this.#add(this.located(error, position, indices), pathOf(position, indices));
    return null;
  }

  /** An error with its place. One that has a place already keeps it. */
  located(error: unknown, position: Position, indices: Indices): GraphQLError {
    return locatedError(error, position.field.nodes, pathOf(position, indices));
  }

  /** What a resolver may want to know about its field. */
  info(position: Position, indices: Indices): GraphQLResolveInfo {
    const { parentType, definition, nodes } = position.field;
    const { schema, fragments, definition: operation } = this.#operation;
    return {
      fieldName: definition.name,
      fieldNodes: nodes,
      returnType: definition.type,
      parentType,
      path: fieldPath(position, indices),
      schema,
      fragments,
      rootValue: this.root,
      operation,
      variableValues: this.variables as GraphQLResolveInfo['variableValues'],
    };
  }

  /** The arguments of a field, made once for all objects of a list. */
  argumentsOf(field: SelectedField, make: (execution: Execution) => Values): Values {
    this.#arguments ??= new Map();
    const known = this.#arguments.get(field);
    if (known) return known;
    const made = make(this);
    this.#arguments.set(field, made);
    return made;
  }

  /** Waits for the value of a field, of an object that `hold` will tell. */
  wait(later: Later, position: Position, indices: Indices, next: Waiting | undefined): Waiting {
    const waiting: Waiting = { next, position, indices, complete: later.complete, holder: undefined };
    this.#await(later.promise, waiting);
    return waiting;
  }

  /** Waits for the value of an element of a list. */
  waitIn(list: unknown[], { promise, complete }: Later, position: Position, indices: Indices): undefined {
    const holder = list as unknown as Holder;
    this.#await(promise, { next: undefined, position, indices, complete, holder });
  }

  #await(given: PromiseLike<unknown>, waiting: Waiting): void {
    // Other thenables may call back at once, or twice.
    const promise = given.constructor === Promise ? given : Promise.resolve(given);
    promise.then(
      (value) => this.#settle(waiting, value),
      (error: unknown) => {
        if (waiting.holder && !this.#isOver) this.#fail(waiting, error);
        this.#settled();
      },
    );
    this.#pending += 1;
  }

  #settle(waiting: Waiting, value: unknown): void {
    const { holder, position, indices, complete } = waiting;
    if (holder && !this.#isOver) {
      try {
        const completed = complete(value, this, ...indices);
        if (completed instanceof Later) {
          this.#await(completed.promise, { ...waiting, complete: completed.complete });
        } else {
          holder[position.key ?? (indices[position.depth - 1] as number)] = completed;
        }
      } catch (error) {
        this.#fail(waiting, error);
      }
    }
    this.#settled();
  }

  #settled(): void {
    this.#pending -= 1;
    if (this.#pending === 0) this.#finish?.(this.#result());
  }

  /** Something went wrong later: what is there of the answer has to become null up to the nearest place that may. */
  #fail({ position, indices }: Waiting, cause: unknown): void {
    const error = this.located(cause, position, indices);
    const nullable = nullableAt(position);
    if (!nullable) {
      this.#endWith(error);
      this.#finish?.(this.#result());
      return;
    }
    const path = pathOf(nullable, indices);
    this.#add(error, path);
    const last = path.pop() as string | number;
    let at = this.#data as Holder | null | undefined;
    for (const step of path) at = at?.[step] as Holder | null | undefined;
    if (at) at[last] = null;
  }

  #endWith(error: GraphQLError): void {
    this.#add(error, []);
    this.#data = null;
    this.#isOver = true;
  }

  #add(error: GraphQLError, path: readonly (string | number)[]): void {
    if (this.#isOver) return;
    this.#nulled ??= new Set();
    let place = '';
    for (const step of path) {
      place += `.${step}`;
      if (this.#nulled.has(place)) return;
    }
    this.#nulled.add(place);
    this.#errors ??= [];
    this.#errors.push(error);
  }

  #result(): ExecutionResult {
    const data = this.#data as NonNullable<ExecutionResult['data']>;
    return this.#errors ? { errors: this.#errors, data } : { data };
  }
}
