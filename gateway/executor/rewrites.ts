import type { FetchDataRewrite } from '@apollo/query-planner';
import type { TypeConditions } from './type-conditions.ts';
import { type DataObject, isObject, valueAt } from './values.ts';

const TYPE_STEP = '... on ';

/** Changes data in place. */
export type Rewrite = (value: unknown) => void;

/** What a planner wants changed in the data that goes into a fetch, or comes out of it, as one function. */
export function compileRewrites(
  rewrites: readonly FetchDataRewrite[] | undefined,
  types: TypeConditions,
): Rewrite | undefined {
  if (!rewrites || rewrites.length === 0) return undefined;
  const all = rewrites.map((rewrite) => compileRewrite(rewrite, types));
  return (value) => {
    for (const rewrite of all) rewrite(value);
  };
}

function compileRewrite(rewrite: FetchDataRewrite, types: TypeConditions): Rewrite {
  const last = rewrite.path.at(-1);
  if (last === undefined) return () => {};
  return rewrite.path
    .slice(0, -1)
    .reduceRight<Rewrite>((next, step) => descend(step, next, types), everyObject(change(rewrite, last)));
}

function everyObject(run: (object: DataObject) => void): Rewrite {
  return function visit(value) {
    if (Array.isArray(value)) value.forEach(visit);
    else if (isObject(value)) run(value);
  };
}

function descend(step: string, next: Rewrite, types: TypeConditions): Rewrite {
  if (!step.startsWith(TYPE_STEP)) return everyObject((object) => next(valueAt(object, step)));
  const fulfilling = types(step.slice(TYPE_STEP.length));
  return everyObject((object) => {
    const typename = object['__typename'];
    if (typeof typename !== 'string' || fulfilling.has(typename)) next(object);
  });
}

function change(rewrite: FetchDataRewrite, name: string): (object: DataObject) => void {
  if (rewrite.kind === 'ValueSetter') {
    return (object) => {
      object[name] = rewrite.setValueTo;
    };
  }
  return (object) => {
    const value = valueAt(object, name);
    if (value === undefined) return;
    object[rewrite.renameKeyTo] = value;
    object[name] = undefined;
  };
}
