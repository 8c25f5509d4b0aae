import { formatDuration, parseDurationMs, parseInstantMs } from '@greencity/air/time';
import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** A scalar that is text on the wire and milliseconds inside. */
function millisecondScalar(
  name: string,
  expected: string,
  codec: { parse(text: string): number | undefined; format(ms: number): string },
): GraphQLScalarType<number, string> {
  const parse = (value: unknown): number => {
    const ms = typeof value === 'string' ? codec.parse(value) : undefined;
    if (ms === undefined) throw badInput(`${name} must be ${expected}, not ${JSON.stringify(value)}.`);
    return ms;
  };
  return new GraphQLScalarType<number, string>({
    name,
    serialize: (value) => codec.format(value as number),
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
  });
}

/** The scalars of schema/vocabulary.graphql. `DateTime` is Unix ms inside, `Duration` ms; the units are plain numbers. */
export const SCALARS = {
  DateTime: millisecondScalar('DateTime', 'an RFC 3339 time such as 2026-11-23T10:00:00Z', {
    parse: parseInstantMs,
    format: (ms) => new Date(ms).toISOString(),
  }),
  Duration: millisecondScalar('Duration', 'an ISO 8601 duration such as PT1H or P1D', {
    parse: parseDurationMs,
    format: formatDuration,
  }),
};
