import { type DataObject, isObject, type Path } from './values.ts';

/** Objects that a fetch adds to, in the order of the data; the same walk gives their paths when an error needs them. */
export interface Targets {
  readonly objects: DataObject[];
  /** For each object, which of the roots it lies below. */
  readonly roots: number[];
}

/** Objects at a plan's path (`@` stands for each element of a list) below each of the roots. */
export function targetsAt(roots: readonly (DataObject | null)[], path: readonly string[]): Targets {
  const targets: Targets = { objects: [], roots: [] };
  for (let root = 0; root < roots.length; root += 1) collect(roots[root], path, 0, { targets, root });
  return targets;
}

interface Collecting {
  readonly targets: Targets;
  readonly root: number;
}

function collect(value: unknown, path: readonly string[], depth: number, into: Collecting): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) {
    const next = path[depth] === '@' ? depth + 1 : depth;
    for (const element of value) collect(element, path, next, into);
  } else if (isObject(value)) {
    const step = path[depth];
    if (step === undefined) {
      into.targets.objects.push(value);
      into.targets.roots.push(into.root);
    } else {
      collect(value[step], path, depth + 1, into);
    }
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
