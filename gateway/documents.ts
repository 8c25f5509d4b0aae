import type { GraphQLSchema } from 'graphql';
import { type Admission, admit } from './limits.ts';
import { boundedCache } from './planning/bounded-cache.ts';
import type { OperationLimits } from './settings.ts';
import type { Turns } from './turns.ts';

/** Documents that may be executed, by their text; parsed and validated once. */
export interface Documents {
  /** At once: for texts of our own and those that have been admitted before. */
  admit(source: string): Admission;
  /** The same for a client, who waits for a turn where the text is new. @throws AppError RATE_LIMITED */
  admitInTurn(source: string, from: string | undefined): Promise<Admission>;
}

export interface DocumentsOptions {
  readonly limits: OperationLimits;
  readonly turns: Turns;
  /** Documents that are kept. */
  readonly entriesMax: number;
}

export function openDocuments(schema: GraphQLSchema, { limits, turns, entriesMax }: DocumentsOptions): Documents {
  const admitted = boundedCache<Admission>(entriesMax);
  const admitNow = (source: string): Admission => {
    const known = admitted.get(source);
    if (known) return known;
    const admission = admit(schema, source, limits);
    if (admission.kind === 'admitted') admitted.set(source, admission);
    return admission;
  };
  return {
    admit: admitNow,
    async admitInTurn(source, from) {
      if (source.length <= limits.textLengthMax && !admitted.get(source)) await turns.take(from);
      return admitNow(source);
    },
  };
}
