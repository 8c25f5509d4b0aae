import { type GraphQLLeafType, isEnumType } from 'graphql';

/** The JSON text of a leaf's value, or undefined for a value that its type does not have. */
export type WriteLeaf = (value: unknown) => string | undefined;

/** Up to this length, looking at each character is the fastest; up to the next a pattern is; beyond, the engine's own quoting. */
const LOOKED_AT_MAX = 16;
const MATCHED_MAX = 512;

/** What does not stand for itself in JSON; half of a surrogate pair among it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has escapes for control characters.
const SPECIAL = /["\\\u0000-\u001f\ud800-\udfff]/;

/** Whether a string is known to need nothing but quotes around it to be JSON. Long ones are not looked at. */
export function isPlain(text: string): boolean {
  const { length } = text;
  if (length > LOOKED_AT_MAX) return length <= MATCHED_MAX && !SPECIAL.test(text);
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || unit >= 0xd800) return false;
  }
  return true;
}

/** JSON text of a string. */
export function quoted(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(text);
}

const BY_SCALAR: Readonly<Record<string, WriteLeaf>> = {
  Int: (value) => (Number.isInteger(value) ? String(value) : undefined),
  Float: (value) => (Number.isFinite(value) ? String(value) : undefined),
  Boolean: (value) => (typeof value === 'boolean' ? String(value) : undefined),
  String: (value) => (typeof value === 'string' ? quoted(value) : undefined),
  ID: (value) =>
    typeof value === 'string' ? quoted(value) : Number.isInteger(value) ? quoted(String(value)) : undefined,
};

/** A writer for values of this type, as subgraphs give them: serialised already, and checked here. */
export function leafWriter(type: GraphQLLeafType): WriteLeaf {
  if (isEnumType(type)) {
    const texts = new Map(type.getValues().map(({ name }) => [name as unknown, `"${name}"`]));
    return (value) => texts.get(value);
  }
  const known = Object.hasOwn(BY_SCALAR, type.name) ? BY_SCALAR[type.name] : undefined;
  return known ?? customScalar;
}

function customScalar(value: unknown): string | undefined {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined;
  return JSON.stringify(value);
}
