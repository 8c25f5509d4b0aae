/** No client lists as many types. */
const LISTED_MAX = 50;

/** The type that a client would rather have of those offered, by the weights of its `Accept` header; undefined when it takes none of them. */
export function preferredType(accept: string | undefined, offered: readonly string[]): string | undefined {
  if (accept === undefined || accept.trim() === '') return offered[0];
  const listed = accept.split(',', LISTED_MAX).map(weighed);
  let best: { readonly type: string; readonly weight: number } | undefined;
  for (const type of offered) {
    const weight = weightOf(type, listed);
    if (weight > 0 && (!best || weight > best.weight)) best = { type, weight };
  }
  return best?.type;
}

interface Weighed {
  readonly type: string;
  readonly weight: number;
}

function weighed(part: string): Weighed {
  const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = q === undefined ? 1 : Number(q.slice(2));
  return { type, weight: weight >= 0 && weight <= 1 ? weight : 0 };
}

/** The most exact mention of a type decides. */
function weightOf(type: string, listed: readonly Weighed[]): number {
  for (const range of [type, `${type.split('/', 1)[0]}/*`, '*/*']) {
    const found = listed.find((one) => one.type === range);
    if (found) return found.weight;
  }
  return 0;
}

/** Both types of an answer of GraphQL over HTTP; the newer one to who names it. */
export function graphqlType(accept = ''): string {
  return accept.includes('application/graphql-response+json')
    ? 'application/graphql-response+json; charset=utf-8'
    : 'application/json; charset=utf-8';
}
