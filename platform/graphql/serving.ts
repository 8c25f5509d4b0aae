import type { ExecutionResult } from 'graphql';
import type { Clock } from '../clock/port.ts';
import type { Logger } from '../log/port.ts';
import type { Metrics } from '../metrics/port.ts';
import type { GatewayVerifier, SigningSecrets } from './gateway-token.ts';
import type { Subgraph } from './port.ts';
import type { ServedDocuments } from './served-documents.ts';
import type { FetchMessage, ReportUnexpected } from './subgraph-wire.ts';

export interface ServeSubgraphOptions {
  readonly subgraph: Subgraph;
  readonly secrets: SigningSecrets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What the parts of a served subgraph share. */
export interface Serving extends ServeSubgraphOptions {
  readonly verifier: GatewayVerifier;
  readonly documents: ServedDocuments;
  readonly report: ReportUnexpected;
}

/** A result in any case: what is thrown concerns the whole fetch. */
export async function ran(run: () => ExecutionResult | Promise<ExecutionResult>): Promise<ExecutionResult> {
  try {
    return await run();
  } catch (error) {
    return { data: null, errors: [{ originalError: error } as never] };
  }
}

/** The gateway writes these; what somebody else wrote got no further than its missing signature. */
export function isFetchMessage(value: unknown): value is FetchMessage {
  if (typeof value !== 'object' || value === null) return false;
  const { query, variables, extensions } = value as Record<string, unknown>;
  const optionalObject = (part: unknown) => part === undefined || (typeof part === 'object' && part !== null);
  return (query === undefined || typeof query === 'string') && optionalObject(variables) && optionalObject(extensions);
}
