import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer, type ApolloServerPlugin, type GraphQLRequestListener, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { Viewer } from '@greencity/platform/graphql/port';
import type { Logger } from '@greencity/platform/log/port';
import type { DocumentNode, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import { type Answer, dataText } from './answer.ts';
import { withoutSecurityPurpose } from './authorisation/security-features.ts';
import type { AnswerRecord } from './cache/record.ts';
import type { BudgetState } from './cost/budgets.ts';
import type { OperationRequest } from './engine.ts';
import { masked } from './errors.ts';
import type { OperationLimits } from './settings.ts';

/** What Apollo Server hands from a request to its execution. */
export interface RequestContext {
  readonly viewer: Viewer;
  readonly requestId: string;
  /** Is told what the answer depends on. */
  readonly record?: AnswerRecord | undefined;
  readonly onBudget: (state: BudgetState) => void;
  /** Set once it has been executed, where Apollo Server has more to do with it. */
  answer?: Answer;
}

export interface ApolloDependencies {
  readonly supergraphSdl: string;
  readonly limits: OperationLimits;
  readonly log: Logger;
  /** The supergraph has been loaded. Called before the first execution. */
  readonly loaded: (schema: GraphQLSchema, supergraphSdl: string) => void;
  readonly execute: (request: OperationRequest) => Promise<Answer>;
}

/** Carries JSON text that is finished already through Apollo Server, to where the response is written. */
const WRITTEN = Symbol('written');

/**
 * Apollo Server with our executor in the place of Apollo Gateway's. Introspection is on: the schema is public.
 * Nothing is reported to anybody: usage and schema reporting are disabled, and so is the gateway's own telemetry.
 */
export async function startApolloServer(dependencies: ApolloDependencies): Promise<ApolloServer<RequestContext>> {
  const { log, limits } = dependencies;
  const logger = apolloLogger(log);
  const server = new ApolloServer<RequestContext>({
    gateway: ourGateway(dependencies, logger),
    logger,
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    parseOptions: { maxTokens: limits.tokensMax },
    // Every text has been admitted before it comes here: documents.ts.
    dangerouslyDisableValidation: true,
    plugins: [
      executing(dependencies.execute),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
    ],
    formatError: (formatted, error) => formatError(log, formatted, error),
    stringifyResult: (value) => {
      const written = (value.data as { [WRITTEN]?: string } | null | undefined)?.[WRITTEN];
      if (written === undefined) return JSON.stringify(value);
      return value.errors ? `{"errors":${JSON.stringify(value.errors)},"data":${written}}` : `{"data":${written}}`;
    },
  });
  await server.start();
  return server;
}

/**
 * Executes what Apollo Server has parsed and validated, in the place where its plugins may answer. An answer without errors goes out from here; one with
 * errors takes the way through the gateway's executor, where Apollo Server formats errors and chooses the status.
 *
 * That way is not for every request: what Apollo Server makes for a gateway has accessors with closures, which V8 keeps as a hidden class of the
 * old generation for each request. Everything a request made then lives until the next full collection, and each minor one copies it: 0.4 ms a request.
 */
function executing(execute: ApolloDependencies['execute']): ApolloServerPlugin<RequestContext> {
  const listener: GraphQLRequestListener<RequestContext> = {
    async responseForOperation({ request, source, document, operation, operationName, contextValue }) {
      // What was executed past it comes here only to have its errors formatted.
      if (!operation || !document || contextValue.answer) return null;
      const answer = await execute({
        source: source ?? '',
        document,
        operationName: operationName ?? request.operationName,
        variables: request.variables,
        viewer: contextValue.viewer,
        requestId: contextValue.requestId,
        record: contextValue.record,
        onBudget: contextValue.onBudget,
      });
      if (answer.errors.length > 0 || answer.whole === undefined) {
        contextValue.answer = answer;
        return null;
      }
      const singleResult = { data: { [WRITTEN]: dataText(answer) } };
      return { http: { headers: NO_HEADERS }, body: { kind: 'single', singleResult } };
    },
  };
  return { requestDidStart: async () => listener };
}

const NO_HEADERS = new HeaderMap();

function ourGateway({ supergraphSdl, loaded, execute }: ApolloDependencies, logger: ReturnType<typeof apolloLogger>) {
  // biome-ignore lint/style/noProcessEnv: Apollo's gateway has no other switch for its telemetry, which is on unless this is set before it is made.
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
  const gateway = new ApolloGateway({ supergraphSdl: withoutSecurityPurpose(supergraphSdl), logger });
  gateway.onSchemaLoadOrUpdate(({ apiSchema, coreSupergraphSdl }) => loaded(apiSchema, coreSupergraphSdl));
  gateway.executor = async ({ request, source, document, operationName, context }) => {
    const { viewer, requestId, onBudget, answer: executed } = context as RequestContext;
    const answer =
      executed ??
      (await execute({
        source: source ?? '',
        document: document as DocumentNode,
        operationName: operationName ?? request.operationName,
        variables: request.variables,
        viewer,
        requestId,
        onBudget,
      }));
    const errors = answer.errors.length > 0 ? { errors: answer.errors } : {};
    return answer.whole === undefined ? errors : { data: { [WRITTEN]: dataText(answer) }, ...errors };
  };
  return gateway;
}

/** Limits have a code of their own, which Apollo Server would overwrite; what nobody foresaw is masked. */
function formatError(log: Logger, formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const original = (error as { originalError?: { extensions?: Record<string, unknown> } }).originalError;
  const code = original?.extensions?.['code'];
  if (typeof code === 'string') return { ...formatted, extensions: { ...formatted.extensions, code } };
  const { extensions } = formatted;
  if (extensions?.['code'] !== 'INTERNAL_SERVER_ERROR' || extensions['requestId'] !== undefined) return formatted;
  const requestId = crypto.randomUUID();
  log.error({ requestId, error }, 'a request failed unexpectedly');
  return { ...masked(requestId) };
}

function apolloLogger(log: Logger) {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (text?: unknown) =>
    log[level]({ detail: String(text) }, 'Apollo said');
  return { debug: at('debug'), info: at('debug'), warn: at('warn'), error: at('error') };
}
