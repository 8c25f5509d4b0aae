import type { AnswerCacheSettings } from './cache/answers.ts';

/** Limits that hold on every path into the gateway: HTTP, WebSocket and server-sent events. */
export interface OperationLimits {
  /** Characters of a document: what is long belongs into variables. */
  readonly textLengthMax: number;
  /** Tokens in a document, counted by the parser. */
  readonly tokensMax: number;
  /** Fields below each other, introspection aside. */
  readonly depthMax: number;
  /** Fields with an alias in a document, counted as often as their fragment is used. */
  readonly aliasesMax: number;
  /** Directives in a document, counted as often as their fragment is used. */
  readonly directivesMax: number;
  /** Fields of the operation's root. */
  readonly rootFieldsMax: number;
  /** Fields and fragments next to each other. */
  readonly selectionsMax: number;
  /** Mistakes in a document that one answer names. */
  readonly mistakesMax: number;
  readonly operationMs: number;
  /** What one operation may cost, in points: about one for each object of its answer, as the schema declares with `@cost` and `@listSize`. */
  readonly costMax: number;
  /** Body of an HTTP request. */
  readonly bodyBytesMax: number;
}

/** What clients may ask for within a minute, and at once. 0 is no limit. */
export interface RateLimits {
  /** Requests from one address, whatever they ask for. */
  readonly requestsPerMinute: number;
  /** Points of all operations of an address that nobody signed in from. */
  readonly anonymousCostPerMinute: number;
  readonly userCostPerMinute: number;
  readonly keyCostPerMinute: number;
  /** Whether they hold for programs on this machine itself, too. */
  readonly limitLocal: boolean;
}

/** Limits on what is held open. */
export interface StreamLimits {
  readonly connectionsMax: number;
  /** WebSockets of one client address. */
  readonly connectionsPerClientMax: number;
  readonly subscriptionsPerSocketMax: number;
  /** Event streams over HTTP, of all clients. */
  readonly eventStreamsMax: number;
  /** Event streams of one client address. */
  readonly eventStreamsPerClientMax: number;
  /** Whether those of programs on this machine itself are counted, too. */
  readonly limitLocal: boolean;
  /** Message from a client over a WebSocket. */
  readonly messageBytesMax: number;
  /** Messages and pings from a client over one WebSocket: at once, and then in each second. */
  readonly messagesAtOnceMax: number;
  readonly messagesPerSecondMax: number;
  readonly connectionInitMs: number;
  readonly pingEveryMs: number;
  /** Bytes written and not yet taken by the client before messages wait here. */
  readonly bufferedBytesMax: number;
  /** Bytes that wait here before the client is closed with 4429. */
  readonly waitingBytesMax: number;
  /** How long a client may take nothing before it is closed with 4429. */
  readonly stalledMs: number;
  /** Events of one group that are joined at once. */
  readonly batchEventsMax: number;
  /** Events of one group that wait to be joined; the oldest is dropped, and counted, beyond it. Also live events that wait for one client that catches up. */
  readonly waitingEventsMax: number;
  /** Clients that are given at one time what was before they came; the others wait in line. */
  readonly catchUpsMax: number;
  /**
   * For each subscription field, paths of fields below it whose values together say what an event is about: for a slow
   * client a newer event replaces an older one about the same.
   */
  readonly conflateBy: Readonly<Record<string, readonly string[]>>;
}

export interface GatewaySettings {
  readonly limits: OperationLimits;
  readonly streams: StreamLimits;
  readonly answers: AnswerCacheSettings;
  /** Operations whose plan is kept. */
  readonly plansMax: number;
}

/** What a city's platform on one machine needs; every operation of the contract and GraphiQL's introspection pass. */
export const DEFAULT_SETTINGS: GatewaySettings = {
  limits: {
    textLengthMax: 16 * 1024,
    tokensMax: 1_000,
    depthMax: 12,
    aliasesMax: 30,
    directivesMax: 50,
    rootFieldsMax: 20,
    selectionsMax: 100,
    mistakesMax: 5,
    operationMs: 15_000,
    costMax: 20_000,
    bodyBytesMax: 256 * 1024,
  },
  streams: {
    connectionsMax: 20_000,
    connectionsPerClientMax: 100,
    subscriptionsPerSocketMax: 20,
    eventStreamsMax: 5_000,
    eventStreamsPerClientMax: 100,
    limitLocal: false,
    messageBytesMax: 64 * 1024,
    messagesAtOnceMax: 500,
    messagesPerSecondMax: 100,
    connectionInitMs: 3_000,
    pingEveryMs: 15_000,
    bufferedBytesMax: 256 * 1024,
    waitingBytesMax: 256 * 1024,
    stalledMs: 30_000,
    batchEventsMax: 64,
    waitingEventsMax: 1_024,
    catchUpsMax: 16,
    conflateBy: {
      measurementReceived: ['device.id', 'metric'],
      alertChanged: ['id'],
      deviceStatusChanged: ['id'],
    },
  },
  answers: { lifetimeMs: 5_000, bytesMax: 32 * 1024 * 1024, underWayMax: 1_000 },
  plansMax: 500,
};

/** A page of the map costs about 3,000 points; a busy dashboard sends some 20 small operations a minute. */
export const DEFAULT_RATE_LIMITS: RateLimits = {
  requestsPerMinute: 6_000,
  anonymousCostPerMinute: 120_000,
  userCostPerMinute: 600_000,
  keyCostPerMinute: 1_200_000,
  limitLocal: false,
};
