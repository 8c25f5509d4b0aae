import { auditServer } from 'graphql-http';

/** How a server did in the audit of GraphQL over HTTP, by the level of each finding. */
export interface HttpAudit {
  readonly ok: number;
  readonly notices: readonly string[];
  readonly warnings: readonly string[];
  readonly errors: readonly string[];
}

/** Runs the audits of the `graphql-http` package against a GraphQL endpoint. */
export async function auditGraphqlHttp(url: string): Promise<HttpAudit> {
  const results = await auditServer({ url });
  const at = (status: string) =>
    results.flatMap((result) =>
      result.status === status && 'reason' in result ? [`${result.id} ${result.name}: ${result.reason}`] : [],
    );
  return {
    ok: results.filter(({ status }) => status === 'ok').length,
    notices: at('notice'),
    warnings: at('warn'),
    errors: at('error'),
  };
}
