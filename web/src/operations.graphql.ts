import { graphql } from './generated/gql.ts';

/** What the map draws: promised to every client in this form. */
export const LIVE_MAP = graphql(`
  query LiveMap($within: BoundingBoxInput!, $metric: Metric!) {
    latestMeasurements(within: $within, metric: $metric) {
      metric
      value
      unit
      time
      quality
      device {
        id
        name
        status
        environment
        location { latitude longitude }
        zone { id name }
        airQuality(standard: EAQI) { index band }
      }
    }
  }
`);

/** What changes on the map. */
export const MEASUREMENT_RECEIVED = graphql(`
  subscription MeasurementReceived($within: BoundingBoxInput, $metrics: [Metric!]) {
    measurementReceived(within: $within, metrics: $metrics) {
      metric
      value
      unit
      time
      quality
      device {
        id
        name
        status
        environment
        location { latitude longitude }
        zone { id name }
        airQuality(standard: EAQI) { index band }
      }
    }
  }
`);

/** Zones drawn under the devices, and where to look first. */
export const CITY = graphql(`
  query City {
    zones { id name region deviceCount boundary }
    devices(first: 200) { totalCount nodes { location { latitude longitude } } }
  }
`);

/** One device beside the map. */
export const PANEL = graphql(`
  query Panel($id: ID!, $metric: Metric!, $from: DateTime!, $to: DateTime!) {
    device(id: $id) {
      id
      name
      status
      lastSeenAt
      environment
      tags
      zone { id name }
      sensors { model metrics }
      latest { metric value correctedValue unit time quality flags }
      airQuality(standard: EAQI) { index band label dominantMetric completeness partial time }
      series(metric: $metric, from: $from, to: $to, interval: "PT1H", statistic: MEAN) { unit points { time value count } }
      forecast(metric: $metric, hours: 24) { model skill points { time value lower upper } }
      alerts(states: [FIRING, ACKNOWLEDGED], first: 5) { nodes { id title severity startedAt } }
    }
  }
`);
