import './workers.ts';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';

const NOW = `# The graph of this city. Press the play button, or Ctrl-Enter.
query Now {
  zones { id name deviceCount airQuality(standard: EAQI) { index label } }
  devices(first: 5) {
    totalCount
    nodes { id name status latest { metric value unit time quality } }
  }
}
`;

const LIVE = `# Each value as it arrives.
subscription Live {
  measurementReceived(metrics: [PM2_5]) { value unit time quality device { id name zone { name } } }
}
`;

const socketUrl = `${location.origin.replace(/^http/, 'ws')}/graphql`;
const fetcher = createGraphiQLFetcher({ url: '/graphql', wsClient: createClient({ url: socketUrl, lazy: true }) });
const place = document.getElementById('graphiql');
if (place)
  createRoot(place).render(
    createElement(GraphiQL, { fetcher, defaultQuery: NOW, defaultTabs: [{ query: NOW }, { query: LIVE }] }),
  );
