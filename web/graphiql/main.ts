import './workers.ts';
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { createElement, useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import './style.css';
import { examples } from './examples.ts';
import { openSessions, type Session } from './session.ts';
import { SignIn } from './sign-in.ts';

const URL = '/graphql';
const SOCKET_URL = `${location.origin.replace(/^http/, 'ws')}${URL}`;
const sessions = openSessions(URL);
const tabs = examples(Date.now());

/** Sends operations as whoever is signed in. Each session has sockets of its own: a connection keeps the token that it began with. */
function fetcherOfNow(): Fetcher {
  const wsClient = createClient({
    url: SOCKET_URL,
    lazy: true,
    async connectionParams() {
      const authorization = await sessions.authorization();
      return authorization === undefined ? {} : { authorization };
    },
  });
  const fetcher = createGraphiQLFetcher({ url: URL, wsClient });
  return async (parameters, options) => {
    const authorization = await sessions.authorization();
    const signedIn = authorization === undefined ? {} : { authorization };
    return await fetcher(parameters, { ...options, headers: { ...signedIn, ...options?.headers } });
  };
}

function Page() {
  const [session, setSession] = useState<Session>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another session is another fetcher, which also asks for the schema again.
  const fetcher = useMemo(fetcherOfNow, [session]);
  useEffect(() => sessions.onOver(() => setSession(undefined)), []);
  return createElement(
    'div',
    { className: 'page' },
    createElement(SignIn, { sessions, session, changed: setSession }),
    createElement(
      'main',
      null,
      createElement(GraphiQL, { fetcher, defaultTabs: [...tabs], defaultQuery: tabs[0]?.query ?? '' }),
    ),
  );
}

const place = document.getElementById('graphiql');
if (place) createRoot(place).render(createElement(Page));
