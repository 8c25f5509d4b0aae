import { Kind, type SelectionSetNode } from 'graphql';
import { included, type SelectionScope } from './collecting.ts';
import type { Fault } from './run.ts';
import { isObject } from './values.ts';

/** Response names that an operation asks for, whatever the types of objects are. */
interface Names {
  readonly below: Map<string, Names>;
}

/** Puts faults where the client can see them. */
export type PlaceFaults = (faults: readonly Fault[], whole: Buffer) => readonly Fault[];

/**
 * A fault at a place that the answer has stays there. One of a field that was asked for of another type than the object turned out
 * to be is none, unless the object lost with it what was asked of it: that shows at the object, as does one of a field that only the plan asked for, for other
 * fields' sake.
 */
export function compileFaultPlaces(scope: SelectionScope, selections: SelectionSetNode): PlaceFaults {
  let names: Names | undefined;
  return (faults, whole) => {
    if (faults.length === 0) return faults;
    const { data } = JSON.parse(whole.toString()) as { readonly data: unknown };
    names ??= namesOf(scope, selections, { below: new Map() });
    const asked = names;
    return faults.flatMap((fault) => placed(fault, data, asked));
  };
}

function placed(fault: Fault, data: unknown, asked: Names): readonly Fault[] {
  const path = fault.path ?? [];
  let at = data;
  let names: Names | undefined = asked;
  for (const [index, step] of path.entries()) {
    if (at === null || at === undefined) return [fault];
    if (typeof step === 'number') {
      at = Array.isArray(at) ? at[step] : undefined;
      continue;
    }
    if (!isObject(at) || !Object.hasOwn(at, step)) {
      const isLost = fault.lostAt === index;
      if (names?.below.has(step) && !isLost) return [];
      return [{ ...fault, path: index > 0 ? path.slice(0, index) : undefined, whole: fault.whole || isLost }];
    }
    at = at[step];
    names = names?.below.get(step);
  }
  return [fault];
}

function namesOf(scope: SelectionScope, set: SelectionSetNode, into: Names): Names {
  for (const selection of set.selections) {
    if (!included(selection, scope.conditions)) continue;
    if (selection.kind === Kind.FIELD) {
      const name = selection.alias?.value ?? selection.name.value;
      const below = into.below.get(name) ?? { below: new Map() };
      into.below.set(name, below);
      if (selection.selectionSet) namesOf(scope, selection.selectionSet, below);
    } else {
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.selectionSet
          : scope.fragments.get(selection.name.value)?.selectionSet;
      if (inner) namesOf(scope, inner, into);
    }
  }
  return into;
}
