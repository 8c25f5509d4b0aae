/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query LiveMap($within: BoundingBoxInput!, $metric: Metric!) {\n    latestMeasurements(within: $within, metric: $metric) {\n      metric\n      value\n      unit\n      time\n      quality\n      device {\n        id\n        name\n        status\n        environment\n        location { latitude longitude }\n        zone { id name }\n        airQuality(standard: EAQI) { index band }\n      }\n    }\n  }\n": typeof types.LiveMapDocument,
    "\n  subscription MeasurementReceived($within: BoundingBoxInput, $metrics: [Metric!]) {\n    measurementReceived(within: $within, metrics: $metrics) {\n      metric\n      value\n      unit\n      time\n      quality\n      device {\n        id\n        name\n        status\n        environment\n        location { latitude longitude }\n        zone { id name }\n        airQuality(standard: EAQI) { index band }\n      }\n    }\n  }\n": typeof types.MeasurementReceivedDocument,
    "\n  query City {\n    zones { id name region deviceCount boundary }\n    devices(first: 200) { totalCount nodes { location { latitude longitude } } }\n  }\n": typeof types.CityDocument,
    "\n  query Panel($id: ID!, $metric: Metric!, $from: DateTime!, $to: DateTime!) {\n    device(id: $id) {\n      id\n      name\n      status\n      lastSeenAt\n      environment\n      tags\n      zone { id name }\n      sensors { model metrics }\n      latest { metric value correctedValue unit time quality flags }\n      airQuality(standard: EAQI) { index band label dominantMetric completeness partial time }\n      series(metric: $metric, from: $from, to: $to, interval: \"PT1H\", statistic: MEAN) { unit points { time value count } }\n      forecast(metric: $metric, hours: 24) { model skill points { time value lower upper } }\n      alerts(states: [FIRING, ACKNOWLEDGED], first: 5) { nodes { id title severity startedAt } }\n    }\n  }\n": typeof types.PanelDocument,
};
const documents: Documents = {
    "\n  query LiveMap($within: BoundingBoxInput!, $metric: Metric!) {\n    latestMeasurements(within: $within, metric: $metric) {\n      metric\n      value\n      unit\n      time\n      quality\n      device {\n        id\n        name\n        status\n        environment\n        location { latitude longitude }\n        zone { id name }\n        airQuality(standard: EAQI) { index band }\n      }\n    }\n  }\n": types.LiveMapDocument,
    "\n  subscription MeasurementReceived($within: BoundingBoxInput, $metrics: [Metric!]) {\n    measurementReceived(within: $within, metrics: $metrics) {\n      metric\n      value\n      unit\n      time\n      quality\n      device {\n        id\n        name\n        status\n        environment\n        location { latitude longitude }\n        zone { id name }\n        airQuality(standard: EAQI) { index band }\n      }\n    }\n  }\n": types.MeasurementReceivedDocument,
    "\n  query City {\n    zones { id name region deviceCount boundary }\n    devices(first: 200) { totalCount nodes { location { latitude longitude } } }\n  }\n": types.CityDocument,
    "\n  query Panel($id: ID!, $metric: Metric!, $from: DateTime!, $to: DateTime!) {\n    device(id: $id) {\n      id\n      name\n      status\n      lastSeenAt\n      environment\n      tags\n      zone { id name }\n      sensors { model metrics }\n      latest { metric value correctedValue unit time quality flags }\n      airQuality(standard: EAQI) { index band label dominantMetric completeness partial time }\n      series(metric: $metric, from: $from, to: $to, interval: \"PT1H\", statistic: MEAN) { unit points { time value count } }\n      forecast(metric: $metric, hours: 24) { model skill points { time value lower upper } }\n      alerts(states: [FIRING, ACKNOWLEDGED], first: 5) { nodes { id title severity startedAt } }\n    }\n  }\n": types.PanelDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query LiveMap($within: BoundingBoxInput!, $metric: Metric!) {\n    latestMeasurements(within: $within, metric: $metric) {\n      metric\n      value\n      unit\n      time\n      quality\n      device {\n        id\n        name\n        status\n        environment\n        location { latitude longitude }\n        zone { id name }\n        airQuality(standard: EAQI) { index band }\n      }\n    }\n  }\n"): (typeof documents)["\n  query LiveMap($within: BoundingBoxInput!, $metric: Metric!) {\n    latestMeasurements(within: $within, metric: $metric) {\n      metric\n      value\n      unit\n      time\n      quality\n      device {\n        id\n        name\n        status\n        environment\n        location { latitude longitude }\n        zone { id name }\n        airQuality(standard: EAQI) { index band }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription MeasurementReceived($within: BoundingBoxInput, $metrics: [Metric!]) {\n    measurementReceived(within: $within, metrics: $metrics) {\n      metric\n      value\n      unit\n      time\n      quality\n      device {\n        id\n        name\n        status\n        environment\n        location { latitude longitude }\n        zone { id name }\n        airQuality(standard: EAQI) { index band }\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription MeasurementReceived($within: BoundingBoxInput, $metrics: [Metric!]) {\n    measurementReceived(within: $within, metrics: $metrics) {\n      metric\n      value\n      unit\n      time\n      quality\n      device {\n        id\n        name\n        status\n        environment\n        location { latitude longitude }\n        zone { id name }\n        airQuality(standard: EAQI) { index band }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query City {\n    zones { id name region deviceCount boundary }\n    devices(first: 200) { totalCount nodes { location { latitude longitude } } }\n  }\n"): (typeof documents)["\n  query City {\n    zones { id name region deviceCount boundary }\n    devices(first: 200) { totalCount nodes { location { latitude longitude } } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Panel($id: ID!, $metric: Metric!, $from: DateTime!, $to: DateTime!) {\n    device(id: $id) {\n      id\n      name\n      status\n      lastSeenAt\n      environment\n      tags\n      zone { id name }\n      sensors { model metrics }\n      latest { metric value correctedValue unit time quality flags }\n      airQuality(standard: EAQI) { index band label dominantMetric completeness partial time }\n      series(metric: $metric, from: $from, to: $to, interval: \"PT1H\", statistic: MEAN) { unit points { time value count } }\n      forecast(metric: $metric, hours: 24) { model skill points { time value lower upper } }\n      alerts(states: [FIRING, ACKNOWLEDGED], first: 5) { nodes { id title severity startedAt } }\n    }\n  }\n"): (typeof documents)["\n  query Panel($id: ID!, $metric: Metric!, $from: DateTime!, $to: DateTime!) {\n    device(id: $id) {\n      id\n      name\n      status\n      lastSeenAt\n      environment\n      tags\n      zone { id name }\n      sensors { model metrics }\n      latest { metric value correctedValue unit time quality flags }\n      airQuality(standard: EAQI) { index band label dominantMetric completeness partial time }\n      series(metric: $metric, from: $from, to: $to, interval: \"PT1H\", statistic: MEAN) { unit points { time value count } }\n      forecast(metric: $metric, hours: 24) { model skill points { time value lower upper } }\n      alerts(states: [FIRING, ACKNOWLEDGED], first: 5) { nodes { id title severity startedAt } }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;