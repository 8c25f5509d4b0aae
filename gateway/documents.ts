import type { GraphQLSchema } from 'graphql';
import { type Admission, admit } from './limits.ts';
import { boundedCache } from './planning/bounded-cache.ts';
import type { OperationLimits } from './settings.ts';

/** Documents that may be executed, by their text; parsed and validated once. */
export interface Documents {
  admit(source: string): Admission;
}

/** Texts longer than this are not kept: they are not sent twice. */
const KEPT_LENGTH_MAX = 16_384;

export function openDocuments(schema: GraphQLSchema, limits: OperationLimits, entriesMax: number): Documents {
  const admitted = boundedCache<Admission>(entriesMax);
  return {
    admit(source) {
      const known = admitted.get(source);
      if (known) return known;
      const admission = admit(schema, source, limits);
      if (admission.kind === 'admitted' && source.length <= KEPT_LENGTH_MAX) admitted.set(source, admission);
      return admission;
    },
  };
}
