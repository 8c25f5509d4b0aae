import { parseDurationMs, parseInstantMs } from '@greencity/air/time';
import {
  type GraphQLInputType,
  type GraphQLNamedInputType,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isScalarType,
} from 'graphql';
import type { Parameter } from './parameter.ts';

/** What a client gave for a parameter, or what is wrong with it as the end of a sentence: `must be …`. */
export type Reading =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'wrong'; readonly must: string };

/** Characters of a text whose parameter sets no other bound. */
export const TEXT_LENGTH_MAX = 1_024;
const LIST_LENGTH_MAX = 100;
const INT_MAX = 2_147_483_647;

/** Reads the text of a parameter in a path or a query. Lists are given with commas. */
export function readText(parameter: Parameter, text: string): Reading {
  const type = nullable(parameter.type);
  if (!isListType(type)) return readOne(getNamedType(type), text, parameter);
  const parts = text.split(',');
  if (parts.length > LIST_LENGTH_MAX)
    return wrong(`must be at most ${LIST_LENGTH_MAX} values with commas between them`);
  const values: unknown[] = [];
  for (const part of parts) {
    const reading = readOne(getNamedType(type), part, parameter);
    if (reading.kind === 'wrong') return wrong(`${reading.must}, each between commas`);
    values.push(reading.value);
  }
  return { kind: 'value', value: values };
}

function readOne(type: GraphQLNamedInputType, text: string, { bounds }: Parameter): Reading {
  if (isEnumType(type)) {
    const names = type.getValues().map(({ name }) => name);
    return names.includes(text) ? value(text) : wrong(`must be one of ${names.join(', ')}`);
  }
  if (!isScalarType(type)) return wrong('cannot be given here');
  switch (type.name) {
    case 'Int':
      return numeric(text, bounds, true);
    case 'Float':
      return numeric(text, bounds, false);
    case 'Boolean':
      return text === 'true' || text === 'false' ? value(text === 'true') : wrong('must be true or false');
    case 'DateTime':
      return instant(text);
    case 'Duration':
      return parseDurationMs(text) === undefined || (bounds.pattern && !new RegExp(bounds.pattern).test(text))
        ? wrong('must be a length of time such as PT1H or P1D')
        : value(text);
    default:
      return textual(text, bounds);
  }
}

function textual(text: string, { pattern, maxLength = TEXT_LENGTH_MAX }: Parameter['bounds']): Reading {
  // Counted as JSON Schema does: by characters, not by UTF-16 units.
  if (text.length > maxLength && [...text].length > maxLength) return wrong(`must be at most ${maxLength} characters`);
  if (pattern && !new RegExp(pattern).test(text)) return wrong(`must match ${pattern}`);
  return value(text);
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function numeric(text: string, { minimum, maximum }: Parameter['bounds'], whole: boolean): Reading {
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  const low = minimum ?? (whole ? -INT_MAX - 1 : -Number.MAX_VALUE);
  const high = maximum ?? (whole ? INT_MAX : Number.MAX_VALUE);
  if (Number.isFinite(number) && (!whole || Number.isInteger(number)) && number >= low && number <= high)
    return value(number);
  const bounded = minimum === undefined && maximum === undefined ? '' : ` from ${low} to ${high}`;
  return wrong(`must be a ${whole ? 'whole ' : ''}number${bounded}`);
}

/** Times before it count as it: nothing was measured then. */
const EARLIEST_MS = 0;

function instant(text: string): Reading {
  const ms = parseInstantMs(text);
  if (ms === undefined) return wrong('must be a time such as 2026-11-23T10:00:00Z');
  return value(new Date(Math.max(EARLIEST_MS, ms)).toISOString());
}

function nullable(type: GraphQLInputType): GraphQLInputType {
  return isNonNullType(type) ? type.ofType : type;
}

function value(read: unknown): Reading {
  return { kind: 'value', value: read };
}

function wrong(must: string): Reading {
  return { kind: 'wrong', must };
}
