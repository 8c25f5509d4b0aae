import { render } from 'preact';
import API from '../../docs/api.md?raw';
import { EndpointSection } from './endpoint.tsx';
import { chapters } from './handbook.ts';
import { type KnownIds, knownIds } from './known-ids.ts';
import { endpointsByTag, type OpenApi } from './open-api.ts';
import { Prose } from './prose.tsx';
import { Sample } from './sample.tsx';
import './style.css';

const ADDRESS = '/api/v1/openapi.json';

function Reference({ document, known }: { readonly document: OpenApi; readonly known: KnownIds }) {
  const groups = endpointsByTag(document);
  return (
    <div class="reference">
      <nav aria-label="Endpoints">
        <a class="home" href="/">
          GreenCity
        </a>
        <a href="/graphiql">GraphiQL</a>
        <a href={ADDRESS}>openapi.json</a>
        <details open={matchMedia('(min-width: 60.01rem)').matches}>
          <summary>Contents</summary>
          <ul>
            <li>
              <a href="#graphql">GraphQL</a>
            </li>
          </ul>
          {groups.map(({ tag, endpoints }) => (
            <section key={tag}>
              <h2>{tag}</h2>
              <ul>
                {endpoints.map(({ operationId, summary }) => (
                  <li key={operationId}>
                    <a href={`#${operationId}`}>{summary}</a>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </details>
      </nav>
      <main>
        <h1>{document.info.title}</h1>
        <Prose text={document.info.description} />
        <GraphSection />
        {groups.map(({ tag, endpoints }) => (
          <section key={tag}>
            <h2>{tag}</h2>
            {endpoints.map((endpoint) => (
              <EndpointSection key={endpoint.operationId} endpoint={endpoint} document={document} known={known} />
            ))}
          </section>
        ))}
      </main>
    </div>
  );
}

function GraphSection() {
  return (
    <section id="graphql">
      <h2>GraphQL</h2>
      <p>
        The whole graph answers at <code>/graphql</code>: queries and mutations by POST, subscriptions over WebSocket (
        <code>graphql-transport-ws</code>) and server-sent events, registered operations also by GET at{' '}
        <code>/graphql/&#123;id&#125;</code>. Explore it in <a href="/graphiql">GraphiQL</a>, which shows what each
        field means.
      </p>
      {chapters(API, location.origin).map(({ title, samples }) => (
        <section key={title} class="chapter">
          <h3>{title}</h3>
          <Sample title={title} textIn={(language) => samples[language]} />
        </section>
      ))}
    </section>
  );
}

async function start(place: HTMLElement): Promise<void> {
  const response = await fetch(ADDRESS);
  if (!response.ok) throw new Error(`${ADDRESS} answered ${response.status}`);
  const document = (await response.json()) as OpenApi;
  const known = await knownIds(document.servers[0]?.url ?? '');
  place.replaceChildren();
  render(<Reference document={document} known={known} />, place);
  if (location.hash !== '') globalThis.document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

const place = document.getElementById('docs');
if (place)
  start(place).catch((error: unknown) => {
    place.textContent = `The reference could not be loaded: ${String(error)}. Reload the page to try again.`;
  });
