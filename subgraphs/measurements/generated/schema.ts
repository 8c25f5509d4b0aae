import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { AirQuality as AirQualityRecord } from '../domain/air-quality.ts';
import type { FiledLetter } from '../dead-letter-box.ts';
import type { Reference, Measurement as MeasurementRecord } from '../domain/measurement.ts';
import type { SeriesColumns } from '../series-reader.ts';
import type { Context } from '../context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
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

/** What became of the values. */
export type AddMeasurementsPayload = {
  readonly __typename?: 'AddMeasurementsPayload';
  /** How many were taken. A value that was already there counts, and has no further effect. */
  readonly accepted: Scalars['Int']['output'];
  /** Those that were not taken. */
  readonly rejected: ReadonlyArray<RejectedMeasurement>;
};

/** An index value, with what it rests on. */
export type AirQuality = {
  readonly __typename?: 'AirQuality';
  /** Time that the values are averaged over. */
  readonly averaging: Scalars['Duration']['output'];
  /** From 1, the best. */
  readonly band: Scalars['Int']['output'];
  /** Colour of the band in the standard, as #RRGGBB. */
  readonly color: Scalars['String']['output'];
  /** Share of the expected values that were there, of the dominant metric, 0 to 100. */
  readonly completeness: Scalars['Percent']['output'];
  /** The metric that sets the index. */
  readonly dominantMetric: Metric;
  /** The standard's own number where it has one (US_EPA 0 to 500), else the band. */
  readonly index: Scalars['Int']['output'];
  /** The band's name in the standard. */
  readonly label: Scalars['String']['output'];
  /** True when not all pollutants of the standard are measured, or values are missing: an indication, not the official index. */
  readonly partial: Scalars['Boolean']['output'];
  /** By whose table. */
  readonly standard: AirQualityStandard;
  /** The parts that the index is the worst of. */
  readonly subIndices: ReadonlyArray<SubIndex>;
  /** End of the time that the index is about. */
  readonly time: Scalars['DateTime']['output'];
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

/** How a corrected value was made. */
export type Correction = {
  readonly __typename?: 'Correction';
  /** True when it rests on a model and not on a comparison of this device with a reference. */
  readonly modelled: Scalars['Boolean']['output'];
  /** What kind it is. */
  readonly name: Scalars['String']['output'];
  /** Changes when its result may. */
  readonly version: Scalars['String']['output'];
};

/** A message, or a part of one, that was refused. */
export type DeadLetter = {
  readonly __typename?: 'DeadLetter';
  readonly detail: Scalars['String']['output'];
  readonly deviceId?: Maybe<Scalars['ID']['output']>;
  /** Place in the log of dead letters. */
  readonly offset: Scalars['ID']['output'];
  /** The message, or the part of it that was refused. */
  readonly payload: Scalars['String']['output'];
  /** A code, as OUT_OF_RANGE. */
  readonly reason: Scalars['String']['output'];
  readonly receivedAt: Scalars['DateTime']['output'];
};

export type Device = {
  readonly __typename?: 'Device';
  /** Now, or at a past moment. Null where the values needed are missing. */
  readonly airQuality?: Maybe<AirQuality>;
  readonly id: Scalars['ID']['output'];
  /** Newest value of each metric. */
  readonly latest?: Maybe<ReadonlyArray<Measurement>>;
  /** Values of one metric in time order; raw without `interval` (at most 50,000), else one statistic for each bucket (at most 10,000). */
  readonly series?: Maybe<Series>;
};


export type DeviceAirQualityArgs = {
  at?: InputMaybe<Scalars['DateTime']['input']>;
  standard: AirQualityStandard;
};


export type DeviceSeriesArgs = {
  from: Scalars['DateTime']['input'];
  interval?: InputMaybe<Scalars['Duration']['input']>;
  metric: Metric;
  quality?: QualityFilter;
  statistic?: Statistic;
  to: Scalars['DateTime']['input'];
};

/** One value: as measured, with what quality control and correction say of it. */
export type Measurement = {
  readonly __typename?: 'Measurement';
  /** The value after correction; null where no correction applies. */
  readonly correctedValue?: Maybe<Scalars['Float']['output']>;
  /** The correction behind `correctedValue`. */
  readonly correction?: Maybe<Correction>;
  /** Where it was measured. */
  readonly device: Device;
  /** What quality control says of it. */
  readonly flags: ReadonlyArray<MeasurementFlag>;
  /** What was measured. */
  readonly metric: Metric;
  /** How far it can be trusted. */
  readonly quality: Quality;
  /** When it was measured. */
  readonly time: Scalars['DateTime']['output'];
  /** Fixed by the metric. */
  readonly unit: Scalars['String']['output'];
  /** As measured. */
  readonly value: Scalars['Float']['output'];
};

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
  readonly deviceId: Scalars['ID']['input'];
  /** What was measured. */
  readonly metric: Metric;
  /** The moment of receipt when left out. */
  readonly time?: InputMaybe<Scalars['DateTime']['input']>;
  /** In the metric's unit. */
  readonly value: Scalars['Float']['input'];
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

/** What can be changed, each by those who may. */
export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Adds values as if devices had sent them. At most 1,000 a call; a wrong one is refused by its index and the rest are taken. */
  readonly addMeasurements: AddMeasurementsPayload;
  /** Sends dead letters through validation again, by their offsets; at most 1,000 a call. The letters stay in the log. */
  readonly replayDeadLetters: ReplayDeadLettersPayload;
};


/** What can be changed, each by those who may. */
export type MutationAddMeasurementsArgs = {
  input: ReadonlyArray<MeasurementInput>;
};


/** What can be changed, each by those who may. */
export type MutationReplayDeadLettersArgs = {
  offsets: ReadonlyArray<Scalars['ID']['input']>;
};

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

/** Which values a series is made from. */
export type QualityFilter =
  /** Every value. */
  | 'ALL'
  /** GOOD and SUSPECT values. */
  | 'NOT_BAD';

/** What the city knows. */
export type Query = {
  readonly __typename?: 'Query';
  /** Readings that were refused, newest first. At most 1,000 a call. */
  readonly deadLetters: ReadonlyArray<DeadLetter>;
  /** Newest value of each device in the box that measures this metric and is not retired. At most 10,000. */
  readonly latestMeasurements: ReadonlyArray<Measurement>;
};


/** What the city knows. */
export type QueryDeadLettersArgs = {
  first?: Scalars['Int']['input'];
  reason?: InputMaybe<Scalars['String']['input']>;
};


/** What the city knows. */
export type QueryLatestMeasurementsArgs = {
  metric: Metric;
  within: BoundingBoxInput;
};

/** A dead letter that was refused again. */
export type RefusedReplay = {
  readonly __typename?: 'RefusedReplay';
  /** Place in the log of dead letters. */
  readonly offset: Scalars['ID']['output'];
  /** Why it was refused again, or could not be read. */
  readonly reason: Scalars['String']['output'];
};

/** A value that was not taken. */
export type RejectedMeasurement = {
  readonly __typename?: 'RejectedMeasurement';
  /** Place in the input, from 0. */
  readonly index: Scalars['Int']['output'];
  /** A code, as OUT_OF_RANGE, and what is wrong. */
  readonly reason: Scalars['String']['output'];
};

/** What became of the dead letters. */
export type ReplayDeadLettersPayload = {
  readonly __typename?: 'ReplayDeadLettersPayload';
  /** Those that were refused again. */
  readonly refused: ReadonlyArray<RefusedReplay>;
  /** How many were accepted this time. A value that was already there has no further effect. */
  readonly replayed: Scalars['Int']['output'];
};

/** Values of one metric in time order. */
export type Series = {
  readonly __typename?: 'Series';
  /** What was measured. */
  readonly metric: Metric;
  /** In time order; a bucket without values is left out. */
  readonly points: ReadonlyArray<SeriesPoint>;
  /** Of all values. */
  readonly unit: Scalars['String']['output'];
};

/** A value or a bucket of them. */
export type SeriesPoint = {
  readonly __typename?: 'SeriesPoint';
  /** Number of values behind it: 1 for a raw value. */
  readonly count: Scalars['Int']['output'];
  /** When it was measured, or the start of the bucket. */
  readonly time: Scalars['DateTime']['output'];
  /** In the series' unit. */
  readonly value: Scalars['Float']['output'];
};

/** How much an alert matters. */
export type Severity =
  /** Somebody must act. */
  | 'CRITICAL'
  /** Good to know. */
  | 'INFO'
  /** Somebody should look. */
  | 'WARNING';

/** What stands for the values of a bucket. */
export type Statistic =
  /** Number of values. */
  | 'COUNT'
  /** The greatest. */
  | 'MAX'
  /** Arithmetic mean. */
  | 'MEAN'
  /** 50th percentile, linear between closest ranks. */
  | 'MEDIAN'
  /** The least. */
  | 'MIN'
  /** 95th percentile, linear between closest ranks. */
  | 'P95';

/** One pollutant's part of an index. */
export type SubIndex = {
  readonly __typename?: 'SubIndex';
  /** From 1, the best. */
  readonly band: Scalars['Int']['output'];
  /** Concentration that was looked up. */
  readonly concentration: Scalars['Float']['output'];
  /** The standard's own number where it has one, else the band. */
  readonly index: Scalars['Int']['output'];
  /** The pollutant. */
  readonly metric: Metric;
  /** Of `concentration`. */
  readonly unit: Scalars['String']['output'];
};

/** What happens, as it happens. */
export type Subscription = {
  readonly __typename?: 'Subscription';
  /** Each value as it becomes visible to queries. Without arguments, all of the city. */
  readonly measurementReceived: Measurement;
};


/** What happens, as it happens. */
export type SubscriptionMeasurementReceivedArgs = {
  deviceIds?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  metrics?: InputMaybe<ReadonlyArray<Metric>>;
  within?: InputMaybe<BoundingBoxInput>;
};

export type Zone = {
  readonly __typename?: 'Zone';
  /** Of the zone as a whole, from its outdoor devices. EAQI, US EPA and WHO: of the mean over devices. ATMO: of the highest daily figure of a device. */
  readonly airQuality?: Maybe<AirQuality>;
  readonly id: Scalars['ID']['output'];
  /** One statistic over the values of all outdoor devices in the zone for each bucket (at most 10,000). BAD values are left out unless asked for. */
  readonly series?: Maybe<Series>;
};


export type ZoneAirQualityArgs = {
  at?: InputMaybe<Scalars['DateTime']['input']>;
  standard: AirQualityStandard;
};


export type ZoneSeriesArgs = {
  from: Scalars['DateTime']['input'];
  interval?: Scalars['Duration']['input'];
  metric: Metric;
  quality?: QualityFilter;
  statistic?: Statistic;
  to: Scalars['DateTime']['input'];
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
  AddMeasurementsPayload: ResolverTypeWrapper<AddMeasurementsPayload>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  AirQuality: ResolverTypeWrapper<AirQualityRecord>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  AirQualityStandard: AirQualityStandard;
  BoundingBoxInput: BoundingBoxInput;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Correction: ResolverTypeWrapper<Correction>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DeadLetter: ResolverTypeWrapper<FiledLetter>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Device: ResolverTypeWrapper<Reference>;
  Duration: ResolverTypeWrapper<Scalars['Duration']['output']>;
  Measurement: ResolverTypeWrapper<MeasurementRecord>;
  MeasurementFlag: MeasurementFlag;
  MeasurementInput: MeasurementInput;
  Metres: ResolverTypeWrapper<Scalars['Metres']['output']>;
  Metric: Metric;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Percent: ResolverTypeWrapper<Scalars['Percent']['output']>;
  Quality: Quality;
  QualityFilter: QualityFilter;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RefusedReplay: ResolverTypeWrapper<RefusedReplay>;
  RejectedMeasurement: ResolverTypeWrapper<RejectedMeasurement>;
  ReplayDeadLettersPayload: ResolverTypeWrapper<ReplayDeadLettersPayload>;
  Series: ResolverTypeWrapper<SeriesColumns>;
  SeriesPoint: ResolverTypeWrapper<SeriesPoint>;
  Severity: Severity;
  Statistic: Statistic;
  SubIndex: ResolverTypeWrapper<SubIndex>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  WattHours: ResolverTypeWrapper<Scalars['WattHours']['output']>;
  Zone: ResolverTypeWrapper<Reference>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AddMeasurementsPayload: AddMeasurementsPayload;
  Int: Scalars['Int']['output'];
  AirQuality: AirQualityRecord;
  String: Scalars['String']['output'];
  Boolean: Scalars['Boolean']['output'];
  BoundingBoxInput: BoundingBoxInput;
  Float: Scalars['Float']['output'];
  Correction: Correction;
  DateTime: Scalars['DateTime']['output'];
  DeadLetter: FiledLetter;
  ID: Scalars['ID']['output'];
  Device: Reference;
  Duration: Scalars['Duration']['output'];
  Measurement: MeasurementRecord;
  MeasurementInput: MeasurementInput;
  Metres: Scalars['Metres']['output'];
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  Percent: Scalars['Percent']['output'];
  Query: Record<PropertyKey, never>;
  RefusedReplay: RefusedReplay;
  RejectedMeasurement: RejectedMeasurement;
  ReplayDeadLettersPayload: ReplayDeadLettersPayload;
  Series: SeriesColumns;
  SeriesPoint: SeriesPoint;
  SubIndex: SubIndex;
  Subscription: Record<PropertyKey, never>;
  WattHours: Scalars['WattHours']['output'];
  Zone: Reference;
};

export type PublicDirectiveArgs = { };

export type PublicDirectiveResolver<Result, Parent, ContextType = Context, Args = PublicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AddMeasurementsPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AddMeasurementsPayload'] = ResolversParentTypes['AddMeasurementsPayload']> = {
  accepted?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  rejected?: Resolver<ReadonlyArray<ResolversTypes['RejectedMeasurement']>, ParentType, ContextType>;
};

export type AirQualityResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AirQuality'] = ResolversParentTypes['AirQuality']> = {
  averaging?: Resolver<ResolversTypes['Duration'], ParentType, ContextType>;
  band?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  color?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  completeness?: Resolver<ResolversTypes['Percent'], ParentType, ContextType>;
  dominantMetric?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  label?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  partial?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  standard?: Resolver<ResolversTypes['AirQualityStandard'], ParentType, ContextType>;
  subIndices?: Resolver<ReadonlyArray<ResolversTypes['SubIndex']>, ParentType, ContextType>;
  time?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type CorrectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Correction'] = ResolversParentTypes['Correction']> = {
  modelled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeadLetterResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeadLetter'] = ResolversParentTypes['DeadLetter']> = {
  detail?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  deviceId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  offset?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  payload?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  receivedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type DeviceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Device'] = ResolversParentTypes['Device'], FederationReferenceType extends FederationReferenceTypes['Device'] = FederationReferenceTypes['Device']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Device']> | FederationReferenceType, FederationReferenceType, ContextType>;
  airQuality?: Resolver<Maybe<ResolversTypes['AirQuality']>, ParentType, ContextType, RequireFields<DeviceAirQualityArgs, 'standard'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  latest?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Measurement']>>, ParentType, ContextType>;
  series?: Resolver<Maybe<ResolversTypes['Series']>, ParentType, ContextType, RequireFields<DeviceSeriesArgs, 'from' | 'metric' | 'quality' | 'statistic' | 'to'>>;
};

export interface DurationScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Duration'], any> {
  name: 'Duration';
}

export type MeasurementResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Measurement'] = ResolversParentTypes['Measurement']> = {
  correctedValue?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  correction?: Resolver<Maybe<ResolversTypes['Correction']>, ParentType, ContextType>;
  device?: Resolver<ResolversTypes['Device'], ParentType, ContextType>;
  flags?: Resolver<ReadonlyArray<ResolversTypes['MeasurementFlag']>, ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
  quality?: Resolver<ResolversTypes['Quality'], ParentType, ContextType>;
  time?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  unit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export interface MetresScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Metres'], any> {
  name: 'Metres';
}

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  addMeasurements?: Resolver<ResolversTypes['AddMeasurementsPayload'], ParentType, ContextType, RequireFields<MutationAddMeasurementsArgs, 'input'>>;
  replayDeadLetters?: Resolver<ResolversTypes['ReplayDeadLettersPayload'], ParentType, ContextType, RequireFields<MutationReplayDeadLettersArgs, 'offsets'>>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export interface PercentScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Percent'], any> {
  name: 'Percent';
}

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  deadLetters?: Resolver<ReadonlyArray<ResolversTypes['DeadLetter']>, ParentType, ContextType, RequireFields<QueryDeadLettersArgs, 'first'>>;
  latestMeasurements?: Resolver<ReadonlyArray<ResolversTypes['Measurement']>, ParentType, ContextType, RequireFields<QueryLatestMeasurementsArgs, 'metric' | 'within'>>;
};

export type RefusedReplayResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RefusedReplay'] = ResolversParentTypes['RefusedReplay']> = {
  offset?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type RejectedMeasurementResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RejectedMeasurement'] = ResolversParentTypes['RejectedMeasurement']> = {
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ReplayDeadLettersPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReplayDeadLettersPayload'] = ResolversParentTypes['ReplayDeadLettersPayload']> = {
  refused?: Resolver<ReadonlyArray<ResolversTypes['RefusedReplay']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SeriesResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Series'] = ResolversParentTypes['Series']> = {
  metric?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
  points?: Resolver<ReadonlyArray<ResolversTypes['SeriesPoint']>, ParentType, ContextType>;
  unit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type SeriesPointResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SeriesPoint'] = ResolversParentTypes['SeriesPoint']> = {
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  time?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type SubIndexResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SubIndex'] = ResolversParentTypes['SubIndex']> = {
  band?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  concentration?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
  unit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  measurementReceived?: SubscriptionResolver<ResolversTypes['Measurement'], "measurementReceived", ParentType, ContextType, Partial<SubscriptionMeasurementReceivedArgs>>;
};

export interface WattHoursScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['WattHours'], any> {
  name: 'WattHours';
}

export type ZoneResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Zone'] = ResolversParentTypes['Zone'], FederationReferenceType extends FederationReferenceTypes['Zone'] = FederationReferenceTypes['Zone']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Zone']> | FederationReferenceType, FederationReferenceType, ContextType>;
  airQuality?: Resolver<Maybe<ResolversTypes['AirQuality']>, ParentType, ContextType, RequireFields<ZoneAirQualityArgs, 'standard'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  series?: Resolver<Maybe<ResolversTypes['Series']>, ParentType, ContextType, RequireFields<ZoneSeriesArgs, 'from' | 'interval' | 'metric' | 'quality' | 'statistic' | 'to'>>;
};

export type Resolvers<ContextType = Context> = {
  AddMeasurementsPayload?: AddMeasurementsPayloadResolvers<ContextType>;
  AirQuality?: AirQualityResolvers<ContextType>;
  Correction?: CorrectionResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DeadLetter?: DeadLetterResolvers<ContextType>;
  Device?: DeviceResolvers<ContextType>;
  Duration?: GraphQLScalarType;
  Measurement?: MeasurementResolvers<ContextType>;
  Metres?: GraphQLScalarType;
  Mutation?: MutationResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Percent?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  RefusedReplay?: RefusedReplayResolvers<ContextType>;
  RejectedMeasurement?: RejectedMeasurementResolvers<ContextType>;
  ReplayDeadLettersPayload?: ReplayDeadLettersPayloadResolvers<ContextType>;
  Series?: SeriesResolvers<ContextType>;
  SeriesPoint?: SeriesPointResolvers<ContextType>;
  SubIndex?: SubIndexResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  WattHours?: GraphQLScalarType;
  Zone?: ZoneResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  public?: PublicDirectiveResolver<any, any, ContextType>;
};
