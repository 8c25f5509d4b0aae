/** Data as it is merged: objects by response name. */
export type DataObject = Record<string, unknown>;
export type Path = readonly (string | number)[];
export type MaybePromise<T> = T | Promise<T>;

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function';
}

export function isObject(value: unknown): value is DataObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A value by its name. Data holds no functions, so one found is inherited from Object.prototype, as `constructor` is,
 * and means that the value is missing.
 */
export function valueAt(object: DataObject, name: string): unknown {
  const value = object[name];
  return typeof value === 'function' ? undefined : value;
}
