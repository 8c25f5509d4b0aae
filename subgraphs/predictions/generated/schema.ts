import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ForecastView } from '../domain/views.ts';
import type { HeatMap as MappedHeatMap } from '../heat-maps.ts';
import type { DeviceAnomaly } from '../domain/anomaly.ts';
import type { EnergyPlan as PlannedEnergy, EnergySlot as PlannedSlot } from '../domain/energy-plan.ts';
import type { Context } from '../context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A moment, RFC 3339 in UTC, as in 2026-11-23T10:00:00.000Z. */
  DateTime: { input: number; output: number; }
  /** A length of time, ISO 8601, as in PT1H or P1D. Years and months are not accepted: they have no fixed length. */
  Duration: { input: number; output: number; }
  /** Metres. */
  Metres: { input: number; output: number; }
  /** Per cent, 0 to 100. */
  Percent: { input: number; output: number; }
  /** Watt hours. */
  WattHours: { input: number; output: number; }
  _FieldSet: { input: string; output: string; }
};

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

/** A fault in a device's values. */
export type Anomaly = {
  readonly __typename?: 'Anomaly';
  /** When it began. */
  readonly from: Scalars['DateTime']['output'];
  /** What kind of fault. */
  readonly kind: AnomalyKind;
  /** Whose values. */
  readonly metric: Metric;
  /** How sure: 0 to 1. */
  readonly score: Scalars['Float']['output'];
  /** Null while it lasts. */
  readonly to?: Maybe<Scalars['DateTime']['output']>;
};

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
  readonly east: Scalars['Float']['input'];
  /** Degrees north, -90 to 90. */
  readonly north: Scalars['Float']['input'];
  /** Degrees north, -90 to 90; at most `north`. */
  readonly south: Scalars['Float']['input'];
  /** Degrees east, -180 to 180; more than `east` for a box across the antimeridian. */
  readonly west: Scalars['Float']['input'];
};

export type Device = {
  readonly __typename?: 'Device';
  /** Faults found in the device's values that overlap the range, oldest first. At most 1,000. */
  readonly anomalies?: Maybe<ReadonlyArray<Anomaly>>;
  /** When to measure over the next day so that the battery lasts. Null for a device that reports no battery. */
  readonly energyPlan?: Maybe<EnergyPlan>;
  /** Hourly means from the next full hour on, at most 72. Null with less than a day of values. */
  readonly forecast?: Maybe<Forecast>;
  readonly id: Scalars['ID']['output'];
};


export type DeviceAnomaliesArgs = {
  from: Scalars['DateTime']['input'];
  to: Scalars['DateTime']['input'];
};


export type DeviceForecastArgs = {
  hours?: Scalars['Int']['input'];
  metric: Metric;
};

/** When to measure so that the battery lasts. */
export type EnergyPlan = {
  readonly __typename?: 'EnergyPlan';
  /** Charge that it began with. */
  readonly batteryPercent: Scalars['Percent']['output'];
  /** When it was made. */
  readonly issuedAt: Scalars['DateTime']['output'];
  /** Consecutive, over the next 24 hours. */
  readonly slots: ReadonlyArray<EnergySlot>;
  /** Probability that the battery outlasts the plan, 0 to 1. */
  readonly survivalProbability: Scalars['Float']['output'];
};

/** A part of the plan. */
export type EnergySlot = {
  readonly __typename?: 'EnergySlot';
  /** From the sun. */
  readonly expectedHarvest: Scalars['WattHours']['output'];
  /** What the device will use. */
  readonly expectedLoad: Scalars['WattHours']['output'];
  /** Beginning, included. */
  readonly from: Scalars['DateTime']['output'];
  /** Time between two measurements. */
  readonly measurementInterval: Scalars['Duration']['output'];
  /** End, not included. */
  readonly to: Scalars['DateTime']['output'];
};

/** What is to be expected. */
export type Forecast = {
  readonly __typename?: 'Forecast';
  /** When it was made. */
  readonly issuedAt: Scalars['DateTime']['output'];
  /** What is forecast. */
  readonly metric: Metric;
  /** The model that won the back-test at most of the hours asked for, and its version. */
  readonly model: Scalars['String']['output'];
  /** Hour by hour. */
  readonly points: ReadonlyArray<ForecastPoint>;
  /** 1 minus the ratio of the mean absolute error to that of persistence in the rolling back-test over the hours asked for; null where there was too little to test on. */
  readonly skill?: Maybe<Scalars['Float']['output']>;
  /** Of all values. */
  readonly unit: Scalars['String']['output'];
};

/** The mean of one hour to come. */
export type ForecastPoint = {
  readonly __typename?: 'ForecastPoint';
  /** The true value lies between `lower` and `upper` 8 times in 10, by the errors of the last 45 days. */
  readonly lower: Scalars['Float']['output'];
  /** Start of the hour. */
  readonly time: Scalars['DateTime']['output'];
  /** The other end of the range that begins at `lower`. */
  readonly upper: Scalars['Float']['output'];
  /** In the forecast's unit. */
  readonly value: Scalars['Float']['output'];
};

/** Values estimated on a grid. */
export type HeatMap = {
  readonly __typename?: 'HeatMap';
  /** The moment it is about. */
  readonly at: Scalars['DateTime']['output'];
  /** Cells from west to east. */
  readonly columns: Scalars['Int']['output'];
  /** Devices that it rests on. */
  readonly deviceCount: Scalars['Int']['output'];
  /** How it was estimated, as in ordinary-kriging/1. */
  readonly method: Scalars['String']['output'];
  /** What is estimated. */
  readonly metric: Metric;
  /** Cells from north to south. */
  readonly rows: Scalars['Int']['output'];
  /** Standard error of each value, in its unit. */
  readonly standardErrors: ReadonlyArray<Maybe<Scalars['Float']['output']>>;
  /** Of values and errors. */
  readonly unit: Scalars['String']['output'];
  /** Row by row from the north-west corner, each row west to east; null where nothing can be said. */
  readonly values: ReadonlyArray<Maybe<Scalars['Float']['output']>>;
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

/** Where a page stands in its list. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** Give this as `after` for the next page; null on an empty page. */
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether there is more after this page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
};

/** How far a value can be trusted. */
export type Quality =
  /** Not to be trusted: never feeds an index, an alert or a heat map. */
  | 'BAD'
  /** Nothing speaks against it. */
  | 'GOOD'
  /** Odd, shown and used, and marked. */
  | 'SUSPECT';

/** What the city knows. */
export type Query = {
  readonly __typename?: 'Query';
  /** Values on a grid over the box, estimated from the devices in and around it. At most 10,000 cells. */
  readonly heatMap: HeatMap;
};


/** What the city knows. */
export type QueryHeatMapArgs = {
  at?: InputMaybe<Scalars['DateTime']['input']>;
  columns?: Scalars['Int']['input'];
  metric: Metric;
  rows?: Scalars['Int']['input'];
  within: BoundingBoxInput;
};

/** How much an alert matters. */
export type Severity =
  /** Somebody must act. */
  | 'CRITICAL'
  /** Good to know. */
  | 'INFO'
  /** Somebody should look. */
  | 'WARNING';

export type Zone = {
  readonly __typename?: 'Zone';
  /** Of the mean over the zone's devices. */
  readonly forecast?: Maybe<Forecast>;
  readonly id: Scalars['ID']['output'];
};


export type ZoneForecastArgs = {
  hours?: Scalars['Int']['input'];
  metric: Metric;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  Device: Device;
  Zone: Zone;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Device:
    ( { __typename: 'Device' }
    & GraphQLRecursivePick<FederationTypes['Device'], {"id":true}> );
  Zone:
    ( { __typename: 'Zone' }
    & GraphQLRecursivePick<FederationTypes['Zone'], {"id":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AirQualityStandard: AirQualityStandard;
  Anomaly: ResolverTypeWrapper<DeviceAnomaly>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  AnomalyKind: AnomalyKind;
  BoundingBoxInput: BoundingBoxInput;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Device: ResolverTypeWrapper<Omit<Device, 'anomalies' | 'energyPlan' | 'forecast'> & { anomalies?: Maybe<ReadonlyArray<ResolversTypes['Anomaly']>>, energyPlan?: Maybe<ResolversTypes['EnergyPlan']>, forecast?: Maybe<ResolversTypes['Forecast']> }>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Duration: ResolverTypeWrapper<Scalars['Duration']['output']>;
  EnergyPlan: ResolverTypeWrapper<PlannedEnergy>;
  EnergySlot: ResolverTypeWrapper<PlannedSlot>;
  Forecast: ResolverTypeWrapper<ForecastView>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ForecastPoint: ResolverTypeWrapper<ForecastPoint>;
  HeatMap: ResolverTypeWrapper<MappedHeatMap>;
  Metres: ResolverTypeWrapper<Scalars['Metres']['output']>;
  Metric: Metric;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Percent: ResolverTypeWrapper<Scalars['Percent']['output']>;
  Quality: Quality;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Severity: Severity;
  WattHours: ResolverTypeWrapper<Scalars['WattHours']['output']>;
  Zone: ResolverTypeWrapper<Omit<Zone, 'forecast'> & { forecast?: Maybe<ResolversTypes['Forecast']> }>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Anomaly: DeviceAnomaly;
  Float: Scalars['Float']['output'];
  BoundingBoxInput: BoundingBoxInput;
  DateTime: Scalars['DateTime']['output'];
  Device: Omit<Device, 'anomalies' | 'energyPlan' | 'forecast'> & { anomalies?: Maybe<ReadonlyArray<ResolversParentTypes['Anomaly']>>, energyPlan?: Maybe<ResolversParentTypes['EnergyPlan']>, forecast?: Maybe<ResolversParentTypes['Forecast']> } | FederationReferenceTypes['Device'];
  Int: Scalars['Int']['output'];
  ID: Scalars['ID']['output'];
  Duration: Scalars['Duration']['output'];
  EnergyPlan: PlannedEnergy;
  EnergySlot: PlannedSlot;
  Forecast: ForecastView;
  String: Scalars['String']['output'];
  ForecastPoint: ForecastPoint;
  HeatMap: MappedHeatMap;
  Metres: Scalars['Metres']['output'];
  PageInfo: PageInfo;
  Boolean: Scalars['Boolean']['output'];
  Percent: Scalars['Percent']['output'];
  Query: Record<PropertyKey, never>;
  WattHours: Scalars['WattHours']['output'];
  Zone: Omit<Zone, 'forecast'> & { forecast?: Maybe<ResolversParentTypes['Forecast']> } | FederationReferenceTypes['Zone'];
};

export type PublicDirectiveArgs = { };

export type PublicDirectiveResolver<Result, Parent, ContextType = Context, Args = PublicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AnomalyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Anomaly'] = ResolversParentTypes['Anomaly']> = {
  from?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['AnomalyKind'], ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
  score?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  to?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeviceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Device'] = ResolversParentTypes['Device'], FederationReferenceType extends FederationReferenceTypes['Device'] = FederationReferenceTypes['Device']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Device']> | FederationReferenceType, FederationReferenceType, ContextType>;
  anomalies?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Anomaly']>>, ParentType, ContextType, RequireFields<DeviceAnomaliesArgs, 'from' | 'to'>>;
  energyPlan?: Resolver<Maybe<ResolversTypes['EnergyPlan']>, ParentType, ContextType>;
  forecast?: Resolver<Maybe<ResolversTypes['Forecast']>, ParentType, ContextType, RequireFields<DeviceForecastArgs, 'hours' | 'metric'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export interface DurationScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Duration'], any> {
  name: 'Duration';
}

export type EnergyPlanResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EnergyPlan'] = ResolversParentTypes['EnergyPlan']> = {
  batteryPercent?: Resolver<ResolversTypes['Percent'], ParentType, ContextType>;
  issuedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  slots?: Resolver<ReadonlyArray<ResolversTypes['EnergySlot']>, ParentType, ContextType>;
  survivalProbability?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type EnergySlotResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EnergySlot'] = ResolversParentTypes['EnergySlot']> = {
  expectedHarvest?: Resolver<ResolversTypes['WattHours'], ParentType, ContextType>;
  expectedLoad?: Resolver<ResolversTypes['WattHours'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  measurementInterval?: Resolver<ResolversTypes['Duration'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type ForecastResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Forecast'] = ResolversParentTypes['Forecast']> = {
  issuedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  points?: Resolver<ReadonlyArray<ResolversTypes['ForecastPoint']>, ParentType, ContextType>;
  skill?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  unit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ForecastPointResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ForecastPoint'] = ResolversParentTypes['ForecastPoint']> = {
  lower?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  time?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  upper?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type HeatMapResolvers<ContextType = Context, ParentType extends ResolversParentTypes['HeatMap'] = ResolversParentTypes['HeatMap']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  columns?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  deviceCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  method?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
  rows?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  standardErrors?: Resolver<ReadonlyArray<Maybe<ResolversTypes['Float']>>, ParentType, ContextType>;
  unit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  values?: Resolver<ReadonlyArray<Maybe<ResolversTypes['Float']>>, ParentType, ContextType>;
};

export interface MetresScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Metres'], any> {
  name: 'Metres';
}

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export interface PercentScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Percent'], any> {
  name: 'Percent';
}

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  heatMap?: Resolver<ResolversTypes['HeatMap'], ParentType, ContextType, RequireFields<QueryHeatMapArgs, 'columns' | 'metric' | 'rows' | 'within'>>;
};

export interface WattHoursScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['WattHours'], any> {
  name: 'WattHours';
}

export type ZoneResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Zone'] = ResolversParentTypes['Zone'], FederationReferenceType extends FederationReferenceTypes['Zone'] = FederationReferenceTypes['Zone']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Zone']> | FederationReferenceType, FederationReferenceType, ContextType>;
  forecast?: Resolver<Maybe<ResolversTypes['Forecast']>, ParentType, ContextType, RequireFields<ZoneForecastArgs, 'hours' | 'metric'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  Anomaly?: AnomalyResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  Device?: DeviceResolvers<ContextType>;
  Duration?: GraphQLScalarType;
  EnergyPlan?: EnergyPlanResolvers<ContextType>;
  EnergySlot?: EnergySlotResolvers<ContextType>;
  Forecast?: ForecastResolvers<ContextType>;
  ForecastPoint?: ForecastPointResolvers<ContextType>;
  HeatMap?: HeatMapResolvers<ContextType>;
  Metres?: GraphQLScalarType;
  PageInfo?: PageInfoResolvers<ContextType>;
  Percent?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  WattHours?: GraphQLScalarType;
  Zone?: ZoneResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  public?: PublicDirectiveResolver<any, any, ContextType>;
};
