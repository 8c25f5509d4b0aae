/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** A rectangle on the map, in degrees (WGS 84). A west greater than east crosses the antimeridian. */
export type BoundingBoxInput = {
  /** Degrees east, -180 to 180. */
  readonly east: number;
  /** Degrees north, -90 to 90. */
  readonly north: number;
  /** Degrees north, -90 to 90; at most `north`. */
  readonly south: number;
  /** Degrees east, -180 to 180; more than `east` for a box across the antimeridian. */
  readonly west: number;
};

/** Whether a device is heard. */
export type DeviceStatus =
  /** Its newest reading is 10 to 60 minutes old. */
  | 'LATE'
  /** Registered, nothing received yet. */
  | 'NEW'
  /** It said goodbye, its connection broke, or its newest reading is older than a day. */
  | 'OFFLINE'
  /** Its newest reading is at most 10 minutes old. */
  | 'ONLINE'
  /** Taken out of service. */
  | 'RETIRED'
  /** Its newest reading is 1 to 24 hours old. */
  | 'STALE';

/** What air a device measures. */
export type Environment =
  /** In a room. */
  | 'INDOOR'
  /** Outside: counts for zones, heat maps and neighbours. */
  | 'OUTDOOR';

/** What quality control says of a value. */
export type MeasurementFlag =
  /** Particles measured in air too humid for an optical sensor without a dryer. Makes the value BAD. */
  | 'HUMID'
  /** Arrived more than an hour after it was measured. */
  | 'LATE'
  /** Far from the devices around it. Makes the value SUSPECT. */
  | 'NEIGHBOUR_OUTLIER'
  /** Outside what the sensor or outdoor air can reach. Makes the value BAD. */
  | 'OUT_OF_RANGE'
  /** The device gave no time; the moment of receipt stands in. */
  | 'SERVER_TIME'
  /** Far from its recent neighbours in time. Makes the value SUSPECT. */
  | 'SPIKE'
  /** The same value for longer than air stays the same. Makes the value BAD. */
  | 'STUCK'
  /** The sensor has not been compared with a reference. */
  | 'UNCALIBRATED';

/** What is measured. The unit is fixed by the metric and given beside every value. */
export type Metric =
  /** Battery charge, %. */
  | 'BATTERY_PERCENT'
  /** Battery voltage, V. */
  | 'BATTERY_VOLTAGE'
  /** Carbon monoxide, ppb. */
  | 'CO'
  /** Carbon dioxide, ppm. */
  | 'CO2'
  /** Relative humidity, %. */
  | 'HUMIDITY'
  /** Nitrogen dioxide, ppb. */
  | 'NO2'
  /** Sound level, dB(A). */
  | 'NOISE'
  /** Ozone, ppb. */
  | 'O3'
  /** Particles up to 1 µm, µg/m³. */
  | 'PM1'
  /** Particles up to 2.5 µm, µg/m³. */
  | 'PM2_5'
  /** Particles up to 10 µm, µg/m³. */
  | 'PM10'
  /** Air pressure at the device, hPa. */
  | 'PRESSURE'
  /** Strength of the radio signal, dBm. */
  | 'SIGNAL_STRENGTH'
  /** Sulphur dioxide, ppb. */
  | 'SO2'
  /** Power from the solar panel, W. */
  | 'SOLAR_POWER'
  /** Air temperature, °C. */
  | 'TEMPERATURE';

/** How far a value can be trusted. */
export type Quality =
  /** Not to be trusted: never feeds an index, an alert or a heat map. */
  | 'BAD'
  /** Nothing speaks against it. */
  | 'GOOD'
  /** Odd, shown and used, and marked. */
  | 'SUSPECT';

/** How much an alert matters. */
export type Severity =
  /** Somebody must act. */
  | 'CRITICAL'
  /** Good to know. */
  | 'INFO'
  /** Somebody should look. */
  | 'WARNING';

export type LiveMapQueryVariables = Exact<{
  within: BoundingBoxInput;
  metric: Metric;
}>;


export type LiveMapQuery = { readonly latestMeasurements: ReadonlyArray<{ readonly metric: Metric, readonly value: number, readonly unit: string, readonly time: string, readonly quality: Quality, readonly device: { readonly id: string, readonly name: string, readonly status: DeviceStatus, readonly environment: Environment, readonly location: { readonly latitude: number, readonly longitude: number }, readonly zone: { readonly id: string, readonly name: string }, readonly airQuality: { readonly index: number, readonly band: number } | null } }> };

export type MeasurementReceivedSubscriptionVariables = Exact<{
  within?: BoundingBoxInput | null | undefined;
  metrics?: ReadonlyArray<Metric> | Metric | null | undefined;
}>;


export type MeasurementReceivedSubscription = { readonly measurementReceived: { readonly metric: Metric, readonly value: number, readonly unit: string, readonly time: string, readonly quality: Quality, readonly device: { readonly id: string, readonly name: string, readonly status: DeviceStatus, readonly environment: Environment, readonly location: { readonly latitude: number, readonly longitude: number }, readonly zone: { readonly id: string, readonly name: string }, readonly airQuality: { readonly index: number, readonly band: number } | null } } };

export type CityQueryVariables = Exact<{ [key: string]: never; }>;


export type CityQuery = { readonly zones: ReadonlyArray<{ readonly id: string, readonly name: string, readonly region: string, readonly deviceCount: number, readonly boundary: ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>> }>, readonly devices: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly location: { readonly latitude: number, readonly longitude: number } }> } };

export type PanelQueryVariables = Exact<{
  id: string | number;
  metric: Metric;
  from: string;
  to: string;
}>;


export type PanelQuery = { readonly device: { readonly id: string, readonly name: string, readonly status: DeviceStatus, readonly lastSeenAt: string | null, readonly environment: Environment, readonly tags: ReadonlyArray<string>, readonly zone: { readonly id: string, readonly name: string }, readonly sensors: ReadonlyArray<{ readonly model: string, readonly metrics: ReadonlyArray<Metric> }>, readonly latest: ReadonlyArray<{ readonly metric: Metric, readonly value: number, readonly correctedValue: number | null, readonly unit: string, readonly time: string, readonly quality: Quality, readonly flags: ReadonlyArray<MeasurementFlag> }> | null, readonly airQuality: { readonly index: number, readonly band: number, readonly label: string, readonly dominantMetric: Metric, readonly completeness: number, readonly partial: boolean, readonly time: string } | null, readonly series: { readonly unit: string, readonly points: ReadonlyArray<{ readonly time: string, readonly value: number, readonly count: number }> } | null, readonly forecast: { readonly model: string, readonly skill: number | null, readonly points: ReadonlyArray<{ readonly time: string, readonly value: number, readonly lower: number, readonly upper: number }> } | null, readonly alerts: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly title: string, readonly severity: Severity, readonly startedAt: string }> } | null } | null };


export const LiveMapDocument = {"__meta__":{"hash":"sha256:6e24ff1fcda6b23c1d97b77e292af3263e2b79db1f0aea937662e28cab545243"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"LiveMap"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"within"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"BoundingBoxInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"metric"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Metric"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"latestMeasurements"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"within"},"value":{"kind":"Variable","name":{"kind":"Name","value":"within"}}},{"kind":"Argument","name":{"kind":"Name","value":"metric"},"value":{"kind":"Variable","name":{"kind":"Name","value":"metric"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"metric"}},{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"unit"}},{"kind":"Field","name":{"kind":"Name","value":"time"}},{"kind":"Field","name":{"kind":"Name","value":"quality"}},{"kind":"Field","name":{"kind":"Name","value":"device"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"environment"}},{"kind":"Field","name":{"kind":"Name","value":"location"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"latitude"}},{"kind":"Field","name":{"kind":"Name","value":"longitude"}}]}},{"kind":"Field","name":{"kind":"Name","value":"zone"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"airQuality"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"standard"},"value":{"kind":"EnumValue","value":"EAQI"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"index"}},{"kind":"Field","name":{"kind":"Name","value":"band"}}]}}]}}]}}]}}]} as unknown as DocumentNode<LiveMapQuery, LiveMapQueryVariables>;
export const MeasurementReceivedDocument = {"__meta__":{"hash":"sha256:828004fb0744cfbf0c52624fad1ad554f82ccec997346fb1fa616f452844b324"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"MeasurementReceived"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"within"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"BoundingBoxInput"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"metrics"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Metric"}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"measurementReceived"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"within"},"value":{"kind":"Variable","name":{"kind":"Name","value":"within"}}},{"kind":"Argument","name":{"kind":"Name","value":"metrics"},"value":{"kind":"Variable","name":{"kind":"Name","value":"metrics"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"metric"}},{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"unit"}},{"kind":"Field","name":{"kind":"Name","value":"time"}},{"kind":"Field","name":{"kind":"Name","value":"quality"}},{"kind":"Field","name":{"kind":"Name","value":"device"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"environment"}},{"kind":"Field","name":{"kind":"Name","value":"location"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"latitude"}},{"kind":"Field","name":{"kind":"Name","value":"longitude"}}]}},{"kind":"Field","name":{"kind":"Name","value":"zone"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"airQuality"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"standard"},"value":{"kind":"EnumValue","value":"EAQI"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"index"}},{"kind":"Field","name":{"kind":"Name","value":"band"}}]}}]}}]}}]}}]} as unknown as DocumentNode<MeasurementReceivedSubscription, MeasurementReceivedSubscriptionVariables>;
export const CityDocument = {"__meta__":{"hash":"sha256:972af86ef72e483fcc7ee004c603cacdfc1cf49abf3de171ff77b69237004f0e"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"City"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"zones"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"region"}},{"kind":"Field","name":{"kind":"Name","value":"deviceCount"}},{"kind":"Field","name":{"kind":"Name","value":"boundary"}}]}},{"kind":"Field","name":{"kind":"Name","value":"devices"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"200"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"location"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"latitude"}},{"kind":"Field","name":{"kind":"Name","value":"longitude"}}]}}]}}]}}]}}]} as unknown as DocumentNode<CityQuery, CityQueryVariables>;
export const PanelDocument = {"__meta__":{"hash":"sha256:b812a78dcf1ecb2671f1f41c0ad6f137057b6b49c5c87636276444929d99c6e9"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Panel"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"metric"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Metric"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"from"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DateTime"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"to"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DateTime"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"device"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"lastSeenAt"}},{"kind":"Field","name":{"kind":"Name","value":"environment"}},{"kind":"Field","name":{"kind":"Name","value":"tags"}},{"kind":"Field","name":{"kind":"Name","value":"zone"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sensors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"model"}},{"kind":"Field","name":{"kind":"Name","value":"metrics"}}]}},{"kind":"Field","name":{"kind":"Name","value":"latest"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"metric"}},{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"correctedValue"}},{"kind":"Field","name":{"kind":"Name","value":"unit"}},{"kind":"Field","name":{"kind":"Name","value":"time"}},{"kind":"Field","name":{"kind":"Name","value":"quality"}},{"kind":"Field","name":{"kind":"Name","value":"flags"}}]}},{"kind":"Field","name":{"kind":"Name","value":"airQuality"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"standard"},"value":{"kind":"EnumValue","value":"EAQI"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"index"}},{"kind":"Field","name":{"kind":"Name","value":"band"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"dominantMetric"}},{"kind":"Field","name":{"kind":"Name","value":"completeness"}},{"kind":"Field","name":{"kind":"Name","value":"partial"}},{"kind":"Field","name":{"kind":"Name","value":"time"}}]}},{"kind":"Field","name":{"kind":"Name","value":"series"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"metric"},"value":{"kind":"Variable","name":{"kind":"Name","value":"metric"}}},{"kind":"Argument","name":{"kind":"Name","value":"from"},"value":{"kind":"Variable","name":{"kind":"Name","value":"from"}}},{"kind":"Argument","name":{"kind":"Name","value":"to"},"value":{"kind":"Variable","name":{"kind":"Name","value":"to"}}},{"kind":"Argument","name":{"kind":"Name","value":"interval"},"value":{"kind":"StringValue","value":"PT1H","block":false}},{"kind":"Argument","name":{"kind":"Name","value":"statistic"},"value":{"kind":"EnumValue","value":"MEAN"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"unit"}},{"kind":"Field","name":{"kind":"Name","value":"points"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"time"}},{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"forecast"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"metric"},"value":{"kind":"Variable","name":{"kind":"Name","value":"metric"}}},{"kind":"Argument","name":{"kind":"Name","value":"hours"},"value":{"kind":"IntValue","value":"24"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"model"}},{"kind":"Field","name":{"kind":"Name","value":"skill"}},{"kind":"Field","name":{"kind":"Name","value":"points"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"time"}},{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"lower"}},{"kind":"Field","name":{"kind":"Name","value":"upper"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"alerts"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"states"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"FIRING"},{"kind":"EnumValue","value":"ACKNOWLEDGED"}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"5"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"severity"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}}]}}]}}]}}]}}]} as unknown as DocumentNode<PanelQuery, PanelQueryVariables>;