/** A tab that GraphiQL opens with at the first visit. */
export interface Example {
  readonly query: string;
  readonly variables?: string;
}

/** Variables that hold moments are made when the page opens. */
export function examples(nowMs: number): readonly Example[] {
  const hour = 3_600_000;
  const to = new Date(Math.ceil(nowMs / hour) * hour).toISOString();
  const from = new Date(Math.ceil(nowMs / hour) * hour - 24 * hour).toISOString();
  const json = (variables: unknown) => JSON.stringify(variables, null, 2);
  return [
    { query: NOW },
    { query: LIVE },
    { query: LIVE_MAP, variables: json({ within: { west: -180, south: -85, east: 180, north: 85 }, metric: 'PM2_5' }) },
    { query: HISTORY, variables: json({ from, to }) },
    { query: NEAREST, variables: json({ latitude: 57.14, longitude: -2.09 }) },
    { query: ZONES, variables: json({ from, to }) },
    { query: ALERTS },
    { query: ALERT_CHANGES },
    { query: WHO_AM_I },
  ];
}

const NOW = `# The air of this city. Press the play button, or Ctrl-Enter.
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

const LIVE_MAP = `# What the map draws: the newest value of each device in a box.
query LiveMap($within: BoundingBoxInput!, $metric: Metric!) {
  latestMeasurements(within: $within, metric: $metric) {
    value
    unit
    time
    quality
    device { id name location { latitude longitude } airQuality(standard: EAQI) { index band } }
  }
}
`;

const HISTORY = `# Hourly means and a forecast, joined from two parts of the platform.
query History($from: DateTime!, $to: DateTime!) {
  devices(first: 3) {
    nodes {
      name
      series(metric: PM2_5, from: $from, to: $to, interval: "PT1H") { unit points { time value count } }
      forecast(metric: PM2_5, hours: 12) { model skill points { time value lower upper } }
    }
  }
}
`;

const NEAREST = `# The devices around a place.
query Nearest($latitude: Float!, $longitude: Float!) {
  nearestDevices(latitude: $latitude, longitude: $longitude, first: 5) {
    distance
    device { id name status airQuality(standard: EAQI) { label dominantMetric } }
  }
}
`;

const ZONES = `# Zones by index and guideline, with their day.
query ZoneDay($from: DateTime!, $to: DateTime!) {
  zones {
    name
    region
    airQuality(standard: EAQI) { index label completeness partial }
    who: airQuality(standard: WHO) { index label }
    series(metric: PM10, from: $from, to: $to, interval: "PT3H", statistic: P95) { unit points { time value count } }
  }
}
`;

const ALERTS = `query Alerts {
  alerts(states: [FIRING, ACKNOWLEDGED], first: 20) {
    totalCount
    nodes { id state severity title startedAt device { name } zone { name } }
  }
}
`;

const ALERT_CHANGES = `# Alerts as they begin, are taken in hand and end.
subscription AlertChanges {
  alertChanged { id state severity title device { name } zone { name } }
}
`;

const WHO_AM_I = `# Null until you sign in, above.
query WhoAmI {
  viewer { id email role }
}
`;
