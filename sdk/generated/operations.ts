/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Indices and guidelines of air quality. */
export type AirQualityStandard =
  /** ATMO scale (France, 2021), on daily figures. Indicative: only the official networks issue the index itself. */
  | 'ATMO'
  /** European Air Quality Index, hourly bands of the 2024/25 revision. */
  | 'EAQI'
  /** US EPA Air Quality Index (2024), PM by NowCast. */
  | 'US_EPA'
  /** WHO air quality guidelines 2021, 24-hour levels. */
  | 'WHO';

/** A rule to be made. */
export type AlertRuleInput = {
  /** `threshold` when left out. Must lie on the harmless side of it. */
  readonly clearThreshold?: number | null | undefined;
  /** Which side of the threshold is the bad one. */
  readonly comparison: Comparison;
  /** Only this device; not together with `zoneId`. */
  readonly deviceId?: string | number | null | undefined;
  /** False for a rule that is to wait. */
  readonly enabled?: boolean;
  /** At most P1D. */
  readonly for?: string;
  /** What is watched. */
  readonly metric: Metric;
  /** For people. */
  readonly name: string;
  /** Of its alerts. */
  readonly severity?: Severity;
  /** In the metric's unit. */
  readonly threshold: number;
  /** Only devices of this zone. */
  readonly zoneId?: string | number | null | undefined;
};

/** How far an alert has come. */
export type AlertState =
  /** Firing, and somebody has taken it in hand. */
  | 'ACKNOWLEDGED'
  /** Past the threshold for long enough; nobody has taken it in hand. */
  | 'FIRING'
  /** Past the threshold, but not yet for long enough. */
  | 'PENDING'
  /** Ended, by the values or by hand. */
  | 'RESOLVED';

/** What kind of fault. */
export type AnomalyKind =
  /** Moving away from the devices around it. */
  | 'DRIFT'
  /** No values for too long. */
  | 'GAP'
  /** Particles that follow humidity. */
  | 'HUMIDITY_ARTEFACT'
  /** One value far from those around it. */
  | 'SPIKE'
  /** The same value for too long. */
  | 'STUCK';

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

/** The bad side of a threshold. */
export type Comparison =
  /** Fires above the threshold. */
  | 'ABOVE'
  /** Fires below the threshold. */
  | 'BELOW';

/** How a device's readings come. */
export type Connectivity =
  /** By HTTP requests. */
  | 'HTTP'
  /** By radio, over a LoRaWAN network server. */
  | 'LORAWAN'
  /** Another way. */
  | 'OTHER'
  /** By MQTT over a network of its own. */
  | 'WIFI';

/** All given conditions must hold. */
export type DeviceFilter = {
  /** That measure such air. */
  readonly environment?: Environment | null | undefined;
  /** Part of the name, id or a tag; upper and lower case are the same. */
  readonly search?: string | null | undefined;
  /** In this state. */
  readonly status?: DeviceStatus | null | undefined;
  /** In this box. */
  readonly within?: BoundingBoxInput | null | undefined;
  /** Id of a zone. */
  readonly zone?: string | number | null | undefined;
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

/** A place on the ground, WGS 84. */
export type LocationInput = {
  /** Metres above sea level. */
  readonly altitude?: number | null | undefined;
  /** -90 to 90. */
  readonly latitude: number;
  /** -180 to 180. */
  readonly longitude: number;
};

/** What the public is shown of where a device hangs. */
export type LocationPrivacy =
  /** Its place. */
  | 'EXACT'
  /** The square of about 200 m that it hangs in: for a home. Also in boxes, distances, zones, live values, heat maps and exports. */
  | 'ROUNDED';

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

/** A value as if a device had sent it. */
export type MeasurementInput = {
  /** Whose value it is. */
  readonly deviceId: string | number;
  /** What was measured. */
  readonly metric: Metric;
  /** The moment of receipt when left out. */
  readonly time?: string | null | undefined;
  /** In the metric's unit. */
  readonly value: number;
};

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

/** A device to be made. */
export type RegisterDeviceInput = {
  /** How its readings come. */
  readonly connectivity?: Connectivity;
  /** LoRaWAN device EUI, 16 hexadecimal digits. */
  readonly devEui?: string | null | undefined;
  /** What air it measures. */
  readonly environment?: Environment;
  /** 1 to 64 letters, digits, `-` or `_`. Made by the platform when left out. */
  readonly id?: string | number | null | undefined;
  /** Where it stands. */
  readonly location: LocationInput;
  /** How exactly others see where it is. */
  readonly locationPrivacy?: LocationPrivacy;
  /** For people. */
  readonly name: string;
  /** Models, as in SDS011, DHT22, BME280, MH-Z19B. */
  readonly sensors?: ReadonlyArray<string>;
  /** Words to find it by. */
  readonly tags?: ReadonlyArray<string> | null | undefined;
};

/** A set of scopes; each role has those of the roles before it. */
export type Role =
  /** May do everything, users and keys included. */
  | 'ADMIN'
  /** Claims devices. */
  | 'CITIZEN'
  /** Runs devices, zones, rules and registered operations. */
  | 'OPERATOR'
  /** Has API keys. */
  | 'PARTNER'
  /** Exports, and asks for what nobody has registered. */
  | 'RESEARCHER';

/** How much an alert matters. */
export type Severity =
  /** Somebody must act. */
  | 'CRITICAL'
  /** Good to know. */
  | 'INFO'
  /** Somebody should look. */
  | 'WARNING';

/** What of a device is to be another. */
export type UpdateDeviceInput = {
  /** How its readings come. */
  readonly connectivity?: Connectivity | null | undefined;
  /** LoRaWAN device EUI, 16 hexadecimal digits. */
  readonly devEui?: string | null | undefined;
  /** What air it measures. */
  readonly environment?: Environment | null | undefined;
  /** Where it stands. */
  readonly location?: LocationInput | null | undefined;
  /** How exactly others see where it is. */
  readonly locationPrivacy?: LocationPrivacy | null | undefined;
  /** For people. */
  readonly name?: string | null | undefined;
  /** Models, all of them. */
  readonly sensors?: ReadonlyArray<string> | null | undefined;
  /** Words to find it by, all of them. */
  readonly tags?: ReadonlyArray<string> | null | undefined;
};

export type SignInMutationVariables = Exact<{
  email: string;
  password: string;
}>;


export type SignInMutation = { readonly signIn: { readonly accessToken: string, readonly refreshToken: string, readonly expiresAt: string, readonly user: { readonly id: string, readonly email: string, readonly role: Role } } };

export type RegisterDeviceMutationVariables = Exact<{
  input: RegisterDeviceInput;
}>;


export type RegisterDeviceMutation = { readonly registerDevice: { readonly device: { readonly id: string, readonly name: string, readonly zone: { readonly id: string }, readonly location: { readonly latitude: number, readonly longitude: number } }, readonly credentials: { readonly username: string, readonly password: string } } };

export type UpdateDeviceMutationVariables = Exact<{
  id: string | number;
  input: UpdateDeviceInput;
}>;


export type UpdateDeviceMutation = { readonly updateDevice: { readonly id: string, readonly name: string, readonly location: { readonly latitude: number, readonly longitude: number }, readonly zone: { readonly id: string } } };

export type RotateCredentialsMutationVariables = Exact<{
  id: string | number;
}>;


export type RotateCredentialsMutation = { readonly rotateDeviceCredentials: { readonly username: string, readonly password: string } };

export type RetireDeviceMutationVariables = Exact<{
  id: string | number;
}>;


export type RetireDeviceMutation = { readonly retireDevice: { readonly id: string, readonly status: DeviceStatus } };

export type AddMeasurementsMutationVariables = Exact<{
  input: ReadonlyArray<MeasurementInput> | MeasurementInput;
}>;


export type AddMeasurementsMutation = { readonly addMeasurements: { readonly accepted: number, readonly rejected: ReadonlyArray<{ readonly index: number, readonly reason: string }> } };

export type CreateAlertRuleMutationVariables = Exact<{
  input: AlertRuleInput;
}>;


export type CreateAlertRuleMutation = { readonly createAlertRule: { readonly id: string, readonly name: string, readonly metric: Metric, readonly comparison: Comparison, readonly threshold: number, readonly for: string, readonly severity: Severity, readonly enabled: boolean } };

export type AcknowledgeAlertMutationVariables = Exact<{
  id: string | number;
  comment?: string | null | undefined;
}>;


export type AcknowledgeAlertMutation = { readonly acknowledgeAlert: { readonly id: string, readonly state: AlertState } };

export type ResolveAlertMutationVariables = Exact<{
  id: string | number;
}>;


export type ResolveAlertMutation = { readonly resolveAlert: { readonly id: string, readonly state: AlertState } };

export type LiveMapQueryVariables = Exact<{
  within: BoundingBoxInput;
  metric: Metric;
}>;


export type LiveMapQuery = { readonly latestMeasurements: ReadonlyArray<{ readonly metric: Metric, readonly value: number, readonly unit: string, readonly time: string, readonly quality: Quality, readonly device: { readonly id: string, readonly name: string, readonly status: DeviceStatus, readonly environment: Environment, readonly location: { readonly latitude: number, readonly longitude: number }, readonly zone: { readonly id: string, readonly name: string }, readonly airQuality: { readonly index: number, readonly band: number } | null } }> };

export type DevicePanelQueryVariables = Exact<{
  id: string | number;
  from: string;
  to: string;
}>;


export type DevicePanelQuery = { readonly device: { readonly id: string, readonly name: string, readonly status: DeviceStatus, readonly lastSeenAt: string | null, readonly environment: Environment, readonly connectivity: Connectivity, readonly location: { readonly latitude: number, readonly longitude: number, readonly altitude: number | null }, readonly zone: { readonly id: string, readonly name: string }, readonly sensors: ReadonlyArray<{ readonly model: string, readonly metrics: ReadonlyArray<Metric> }>, readonly latest: ReadonlyArray<{ readonly metric: Metric, readonly value: number, readonly unit: string, readonly time: string, readonly quality: Quality, readonly flags: ReadonlyArray<MeasurementFlag> }> | null, readonly airQuality: { readonly standard: AirQualityStandard, readonly index: number, readonly band: number, readonly label: string, readonly color: string, readonly dominantMetric: Metric, readonly time: string } | null, readonly series: { readonly metric: Metric, readonly unit: string, readonly points: ReadonlyArray<{ readonly time: string, readonly value: number, readonly count: number }> } | null, readonly forecast: { readonly metric: Metric, readonly unit: string, readonly issuedAt: string, readonly model: string, readonly points: ReadonlyArray<{ readonly time: string, readonly value: number, readonly lower: number, readonly upper: number }> } | null, readonly anomalies: ReadonlyArray<{ readonly kind: AnomalyKind, readonly metric: Metric, readonly from: string, readonly to: string | null, readonly score: number }> | null, readonly alerts: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly state: AlertState, readonly severity: Severity, readonly title: string, readonly startedAt: string, readonly value: number, readonly threshold: number, readonly metric: Metric }> } | null } | null };

export type RawSeriesQueryVariables = Exact<{
  id: string | number;
  metric: Metric;
  from: string;
  to: string;
}>;


export type RawSeriesQuery = { readonly device: { readonly id: string, readonly series: { readonly unit: string, readonly points: ReadonlyArray<{ readonly time: string, readonly value: number, readonly count: number }> } | null } | null };

export type DevicesQueryVariables = Exact<{
  filter?: DeviceFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type DevicesQuery = { readonly devices: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly status: DeviceStatus, readonly lastSeenAt: string | null, readonly environment: Environment, readonly location: { readonly latitude: number, readonly longitude: number }, readonly zone: { readonly id: string } }> } };

export type NearestQueryVariables = Exact<{
  latitude: number;
  longitude: number;
  first: number;
}>;


export type NearestQuery = { readonly nearestDevices: ReadonlyArray<{ readonly distance: number, readonly device: { readonly id: string, readonly name: string } }> };

export type ZoneDashboardQueryVariables = Exact<{
  id: string | number;
  from: string;
  to: string;
}>;


export type ZoneDashboardQuery = { readonly zone: { readonly id: string, readonly name: string, readonly deviceCount: number, readonly airQuality: { readonly index: number, readonly band: number, readonly label: string, readonly dominantMetric: Metric } | null, readonly series: { readonly unit: string, readonly points: ReadonlyArray<{ readonly time: string, readonly value: number, readonly count: number }> } | null, readonly forecast: { readonly points: ReadonlyArray<{ readonly time: string, readonly value: number, readonly lower: number, readonly upper: number }> } | null, readonly alerts: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly title: string, readonly severity: Severity }> } | null } | null };

export type ZonesQueryVariables = Exact<{ [key: string]: never; }>;


export type ZonesQuery = { readonly zones: ReadonlyArray<{ readonly id: string, readonly name: string, readonly deviceCount: number }> };

export type HeatMapQueryVariables = Exact<{
  within: BoundingBoxInput;
  metric: Metric;
  at?: string | null | undefined;
}>;


export type HeatMapQuery = { readonly heatMap: { readonly metric: Metric, readonly unit: string, readonly at: string, readonly method: string, readonly columns: number, readonly rows: number, readonly values: ReadonlyArray<number | null>, readonly standardErrors: ReadonlyArray<number | null>, readonly deviceCount: number } };

export type EnergyPlanQueryVariables = Exact<{
  id: string | number;
}>;


export type EnergyPlanQuery = { readonly device: { readonly id: string, readonly energyPlan: { readonly issuedAt: string, readonly batteryPercent: number, readonly survivalProbability: number, readonly slots: ReadonlyArray<{ readonly from: string, readonly to: string, readonly measurementInterval: string, readonly expectedHarvest: number, readonly expectedLoad: number }> } | null } | null };

export type AlertsQueryVariables = Exact<{
  states?: ReadonlyArray<AlertState> | AlertState | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type AlertsQuery = { readonly alerts: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly state: AlertState, readonly severity: Severity, readonly title: string, readonly metric: Metric, readonly value: number, readonly threshold: number, readonly startedAt: string, readonly resolvedAt: string | null, readonly device: { readonly id: string, readonly name: string, readonly location: { readonly latitude: number, readonly longitude: number } } | null, readonly zone: { readonly id: string, readonly name: string } | null, readonly rule: { readonly id: string, readonly name: string } | null }> } };

export type MeasurementReceivedSubscriptionVariables = Exact<{
  within?: BoundingBoxInput | null | undefined;
  metrics?: ReadonlyArray<Metric> | Metric | null | undefined;
}>;


export type MeasurementReceivedSubscription = { readonly measurementReceived: { readonly metric: Metric, readonly value: number, readonly unit: string, readonly time: string, readonly quality: Quality, readonly device: { readonly id: string, readonly name: string, readonly location: { readonly latitude: number, readonly longitude: number }, readonly zone: { readonly id: string, readonly name: string }, readonly airQuality: { readonly index: number, readonly band: number } | null } } };

export type DeviceMeasurementsSubscriptionVariables = Exact<{
  ids: ReadonlyArray<string | number> | string | number;
}>;


export type DeviceMeasurementsSubscription = { readonly measurementReceived: { readonly metric: Metric, readonly value: number, readonly unit: string, readonly time: string, readonly device: { readonly id: string } } };

export type AlertChangedSubscriptionVariables = Exact<{
  zone?: string | number | null | undefined;
}>;


export type AlertChangedSubscription = { readonly alertChanged: { readonly id: string, readonly state: AlertState, readonly severity: Severity, readonly title: string, readonly device: { readonly id: string, readonly name: string } | null, readonly zone: { readonly id: string, readonly name: string } | null } };

export type DeviceStatusChangedSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type DeviceStatusChangedSubscription = { readonly deviceStatusChanged: { readonly id: string, readonly name: string, readonly status: DeviceStatus, readonly lastSeenAt: string | null } };
