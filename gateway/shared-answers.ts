import type { Metrics } from '@greencity/platform/metrics/port';
import { getOperationAST, OperationTypeNode } from 'graphql';
import type { Answer, Engine, OperationRequest } from './engine.ts';

/**
 * Executes equal queries of anonymous clients that are under way at the same time once. Only theirs: what they may see is the same for all of them, and
 * nobody among them can have written something that an answer begun before would not show. Counted in `gateway_shared_answers_total`.
 */
export function sharedAnswers(engine: Pick<Engine, 'execute'>, metrics: Metrics): Engine['execute'] {
  const shared = metrics.counter(
    'gateway_shared_answers_total',
    'Queries answered by an equal one that was under way.',
  );
  const underWay = new Map<string, Promise<Answer>>();
  return (request) => {
    if (!mayShare(request)) return engine.execute(request);
    const key = `${request.operationName ?? ''}\n${JSON.stringify(request.variables) ?? ''}\n${request.source}`;
    const known = underWay.get(key);
    if (known) {
      shared.add();
      return known;
    }
    const answer = engine.execute(request).finally(() => underWay.delete(key));
    underWay.set(key, answer);
    return answer;
  };
}

function mayShare({ viewer, document, operationName }: OperationRequest): boolean {
  return viewer.kind === 'anonymous' && getOperationAST(document, operationName)?.operation === OperationTypeNode.QUERY;
}
