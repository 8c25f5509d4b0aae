import { type DataObject, isObject, type Path } from './values.ts';

/** Objects that a fetch adds to, in the order of the data; the same walk gives their paths when an error needs them. */
export interface Targets {
  readonly objects: readonly DataObject[];
  /** Which of the roots an object lies below. */
  rootOf(index: number): number;
}

/** Objects at a plan's path (`@` stands for each element of a list) below each of the roots. */
export function targetsAt(roots: readonly (DataObject | null)[], path: readonly string[]): Targets {
  const objects: DataObject[] = [];
  // For each root, how many objects lie below it and the roots before it.
  const ends: number[] = [];
  for (let root = 0; root < roots.length; root += 1) {
    collect(roots[root], path, 0, objects);
    ends.push(objects.length);
  }
  return { objects, rootOf: (index) => ends.findIndex((end) => index < end) };
}

function collect(value: unknown, path: readonly string[], depth: number, into: DataObject[]): void {
  if (typeof value !== 'object' || value === null) return;
  const step = path[depth];
  if (Array.isArray(value)) {
    const next = step === '@' ? depth + 1 : depth;
    for (let index = 0; index < value.length; index += 1) collect(value[index], path, next, into);
  } else if (step === undefined) {
    into.push(value as DataObject);
  } else {
    collect((value as DataObject)[step], path, depth + 1, into);
  }
}

/** Response paths of the objects that `targetsAt` gives, in the same order. */
export function pathsAt(roots: readonly (DataObject | null)[], path: readonly string[]): readonly Path[] {
  const paths: Path[] = [];
  const walk = (value: unknown, depth: number, at: readonly (string | number)[]): void => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) {
      const next = path[depth] === '@' ? depth + 1 : depth;
      value.forEach((element, index) => {
        walk(element, next, [...at, index]);
      });
    } else if (isObject(value)) {
      const step = path[depth];
      if (step === undefined) paths.push(at);
      else walk(value[step], depth + 1, [...at, step]);
    }
  };
  for (const root of roots) walk(root, 0, []);
  return paths;
}
