import { getIntrospectionQuery } from 'graphql';

/** An operation that must be refused, on whichever way it comes. */
export interface HostileDocument {
  readonly name: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  /** The code of its first error. */
  readonly code: string;
}

/** Some text so many times, each with its number. */
export function many(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join(' ');
}

const INVALID = 'GRAPHQL_VALIDATION_FAILED';
const RANGE = 'from:"2026-01-01T00:00:00Z",to:"2026-12-31T00:00:00Z"';
const BOX = 'within:{west:-180,south:-90,east:180,north:90}';

/** Comparing each field with each other one: the work of validation grows with the square of their number. */
const OVERLAPPING: readonly HostileDocument[] = [
  { name: 'one field a thousand times', query: `{zones{${many(980, () => 'id')}}}`, code: 'TOO_COSTLY' },
  { name: 'one root field 240 times', query: `{${many(240, () => 'zones{id}')}}`, code: 'TOO_COSTLY' },
  { name: 'inline fragments side by side', query: `{zones{${many(190, () => '...{id}')}}}`, code: 'TOO_COSTLY' },
  {
    name: 'fields that conflict',
    query: `{zones{${many(25, (n) => `same:${n % 2 ? 'id' : 'name'}`)}}}`,
    code: INVALID,
  },
  {
    name: 'fragments side by side',
    query: `{zones{${many(120, (n) => `...f${n % 90}`)}}} ${many(90, (n) => `fragment f${n} on Zone{id}`)}`,
    code: 'TOO_COSTLY',
  },
];

const FRAGMENTS: readonly HostileDocument[] = [
  {
    name: 'a ring of fragments',
    query: `{zones{...f0}} ${many(120, (n) => `fragment f${n} on Zone{...f${(n + 1) % 120}}`)}`,
    code: INVALID,
  },
  { name: 'a fragment in itself', query: '{zones{...f}} fragment f on Zone{id ...f}', code: INVALID },
  {
    name: 'fragments that double',
    query: `{zones{...f0}} ${many(40, (n) => `fragment f${n} on Zone{...f${n + 1} ...f${n + 1}}`)} fragment f40 on Zone{a:id}`,
    code: 'TOO_COSTLY',
  },
  {
    name: 'fragments that nobody uses',
    query: `{zones{id}} ${many(120, (n) => `fragment f${n} on Zone{id}`)}`,
    code: INVALID,
  },
];

const SIZE: readonly HostileDocument[] = [
  { name: 'too many words', query: `{zones{${many(5_000, () => 'id')}}}`, code: 'TOO_COSTLY' },
  { name: 'aliases', query: `{zones{${many(200, (n) => `a${n}:id`)}}}`, code: 'TOO_COSTLY' },
  { name: 'aliases of __typename', query: `{zones{${many(200, (n) => `a${n}:__typename`)}}}`, code: 'TOO_COSTLY' },
  { name: 'depth', query: `{zones{${'alerts{nodes{zone{'.repeat(20)}id${'}}}'.repeat(20)}}}`, code: 'TOO_COSTLY' },
  { name: 'directives', query: `{zones{id ${many(480, () => '@a')}}}`, code: 'TOO_COSTLY' },
  { name: 'one directive many times', query: `{zones{id ${many(90, () => '@skip(if:false)')}}}`, code: 'TOO_COSTLY' },
  { name: 'operations in one document', query: many(120, (n) => `query q${n}{zones{id}}`), code: 'BAD_USER_INPUT' },
  { name: 'mutations side by side', query: `mutation{${many(30, () => 'signOut')}}`, code: 'TOO_COSTLY' },
];

const INTROSPECTION: readonly HostileDocument[] = [
  {
    name: 'introspection in itself',
    query: '{__schema{types{fields{type{fields{type{fields{type{name}}}}}}}}}',
    code: INVALID,
  },
  {
    name: 'introspection many times',
    query: `{${many(20, (n) => `a${n}:__schema{types{name fields{name description type{name} args{name}}}}`)}}`,
    code: 'TOO_COSTLY',
  },
  {
    name: 'aliases inside introspection',
    query: `{__schema{${many(60, (n) => `a${n}:types{name fields{name}}`)}}}`,
    code: 'TOO_COSTLY',
  },
  { name: 'names that are nearly right', query: `{${many(19, (n) => `devicez${n}`)}}`, code: INVALID },
  { name: 'a name of 12,000 letters', query: `{zones{${'z'.repeat(12_000)}}}`, code: INVALID },
];

const LISTS: readonly HostileDocument[] = [
  { name: 'a page of a million', query: '{devices(first:1000000){nodes{id}}}', code: 'TOO_COSTLY' },
  {
    name: 'pages of pages',
    query: '{devices(first:200){nodes{alerts(first:200){nodes{device{alerts(first:200){nodes{id}}}}}}}}',
    code: 'TOO_COSTLY',
  },
  {
    name: 'a series for each device',
    query: `{devices(first:200){nodes{series(metric:PM2_5,${RANGE},interval:"PT1M"){points{value}}}}}`,
    code: 'TOO_COSTLY',
  },
  {
    name: 'heat maps of the world',
    query: `{${many(15, (n) => `a${n}:heatMap(${BOX},metric:PM2_5,columns:100,rows:100){values}`)}}`,
    code: 'TOO_COSTLY',
  },
  {
    name: 'a page size in a variable',
    query: 'query($n:Int!){devices(first:$n){nodes{id}}}',
    variables: { n: 2_000_000_000 },
    code: 'TOO_COSTLY',
  },
];

const VALUES: readonly HostileDocument[] = [
  {
    name: 'no number',
    query: 'query($n:Int!){devices(first:$n){nodes{id}}}',
    variables: { n: 1e300 },
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'lists in lists in a variable',
    query: 'query($s:[AlertState!]){alerts(states:$s){totalCount}}',
    variables: { s: nested(80) },
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'a variable that is not there',
    query: 'query($id:ID!){device(id:$id){id}}',
    variables: JSON.parse('{"__proto__":{"id":"a"}}') as Record<string, unknown>,
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'an operation named constructor',
    query: 'query q{zones{id}}',
    operationName: 'constructor',
    code: 'BAD_USER_INPUT',
  },
];

function nested(depth: number): unknown {
  let value: unknown = 'FIRING';
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

/** Operations that are refused by their text, their variables or their cost. */
export const HOSTILE_DOCUMENTS: readonly HostileDocument[] = [
  ...OVERLAPPING,
  ...FRAGMENTS,
  ...SIZE,
  ...INTROSPECTION,
  ...LISTS,
  ...VALUES,
];

/** Operations that are valid, each another one, so that each has to be read, validated and planned. */
export function freshDocument(index: number): string {
  return `query Fresh${index}{devices(first:5){nodes{x${index}:name zone{name alerts(first:2){nodes{id rule{name}}}} latest{metric value} airQuality(standard:EAQI){band}}}}`;
}

/** As much as one operation may take, each another one. */
export function dearDocument(index: number): string {
  const day = 1 + (index % 28);
  return `query Dear${index}{latestMeasurements(${BOX},metric:PM2_5){value time device{id name latest{metric value} zone{name} airQuality(standard:US_EPA){index} forecast(metric:PM2_5,hours:${day}){points{value}}}}}`;
}

export const INTROSPECTION_QUERY = getIntrospectionQuery({ schemaDescription: true });
