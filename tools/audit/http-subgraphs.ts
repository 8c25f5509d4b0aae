import type { SubgraphExecutor, SubgraphResult, Variables } from '@greencity/gateway/subgraph/port';
import type { SubgraphContext } from '@greencity/platform/graphql/port';

/** Executes fetches over HTTP, one request each, with nothing around them: what the audit looks at are plans and answers. */
export function httpSubgraphs(urls: ReadonlyMap<string, string>): SubgraphExecutor {
  return {
    prepare({ subgraph, text }) {
      const url = urls.get(subgraph);
      if (url === undefined) throw new Error(`the supergraph names no URL for ${subgraph}`);
      const execute = (variables: Variables): Promise<SubgraphResult> => post(url, { query: text, variables });
      return {
        execute,
        cursorOf: () => undefined,
        identityOf: (event) => event,
        isNothing: () => false,
        executeEvent: (_event, variables) => execute(variables),
        subscribe: () => Promise.reject(new Error('the audit has no subscriptions')),
      };
    },
    context: (): SubgraphContext => ({ viewer: { kind: 'anonymous' } }),
  };
}

async function post(url: string, body: object): Promise<SubgraphResult> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await response.json()) as SubgraphResult;
}
