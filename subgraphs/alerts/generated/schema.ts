import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Alert as AlertRecord, AlertState as DomainAlertState } from '../domain/alert.ts';
import type { Rule } from '../domain/rule.ts';
import type { Context } from '../context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type EnumResolverSignature<T, AllowedValues = any> = { [key in keyof T]?: AllowedValues };
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

/** A limit that was passed, from its beginning to its end. */
export type Alert = {
  readonly __typename?: 'Alert';
  /** When somebody took it in hand; null before. */
  readonly acknowledgedAt?: Maybe<Scalars['DateTime']['output']>;
  /** What they said, for everybody to read; null when nothing. */
  readonly comment?: Maybe<Scalars['String']['output']>;
  /** Whose value it is about; null when the device cannot be told. */
  readonly device?: Maybe<Device>;
  /** Opaque. */
  readonly id: Scalars['ID']['output'];
  /** What passed the threshold. */
  readonly metric: Metric;
  /** When it ended; null while it lasts. */
  readonly resolvedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Null when the rule has been removed. */
  readonly rule?: Maybe<AlertRule>;
  /** As the rule had it when the alert began. */
  readonly severity: Severity;
  /** When the value first crossed the threshold. */
  readonly startedAt: Scalars['DateTime']['output'];
  /** How far it has come. */
  readonly state: AlertState;
  /** The rule's threshold when the alert began. */
  readonly threshold: Scalars['Float']['output'];
  /** One line for people. */
  readonly title: Scalars['String']['output'];
  /** Of `value` and `threshold`. */
  readonly unit: Scalars['String']['output'];
  /** The newest value that the rule saw; after the end, the one that ended it. */
  readonly value: Scalars['Float']['output'];
  /** Where the device was when it began; null when the zone cannot be told. */
  readonly zone?: Maybe<Zone>;
};

/** A page of alerts. */
export type AlertConnection = {
  readonly __typename?: 'AlertConnection';
  /** The alerts of this page. */
  readonly nodes: ReadonlyArray<Alert>;
  /** Whether more follow, and where. */
  readonly pageInfo: PageInfo;
  /** On all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** When an alert fires, and for which devices. */
export type AlertRule = {
  readonly __typename?: 'AlertRule';
  /** An alert ends when the value is at this one or past it: the gap to `threshold` keeps it from flapping. */
  readonly clearThreshold: Scalars['Float']['output'];
  /** Which side of the threshold is the bad one. */
  readonly comparison: Comparison;
  /** Null for all devices. */
  readonly device?: Maybe<Device>;
  /** False while it watches nothing. */
  readonly enabled: Scalars['Boolean']['output'];
  /** How long the value must stay past the threshold before the alert fires. */
  readonly for: Scalars['Duration']['output'];
  /** Opaque. */
  readonly id: Scalars['ID']['output'];
  /** What is watched. */
  readonly metric: Metric;
  /** For people. */
  readonly name: Scalars['String']['output'];
  /** Of its alerts. */
  readonly severity: Severity;
  /** In the metric's unit. */
  readonly threshold: Scalars['Float']['output'];
  /** Null for all zones. */
  readonly zone?: Maybe<Zone>;
};

/** A rule to be made. */
export type AlertRuleInput = {
  /** `threshold` when left out. Must lie on the harmless side of it. */
  readonly clearThreshold?: InputMaybe<Scalars['Float']['input']>;
  /** Which side of the threshold is the bad one. */
  readonly comparison: Comparison;
  /** Only this device; not together with `zoneId`. */
  readonly deviceId?: InputMaybe<Scalars['ID']['input']>;
  /** False for a rule that is to wait. */
  readonly enabled?: Scalars['Boolean']['input'];
  /** At most P1D. */
  readonly for?: Scalars['Duration']['input'];
  /** What is watched. */
  readonly metric: Metric;
  /** For people. */
  readonly name: Scalars['String']['input'];
  /** Of its alerts. */
  readonly severity?: Severity;
  /** In the metric's unit. */
  readonly threshold: Scalars['Float']['input'];
  /** Only devices of this zone. */
  readonly zoneId?: InputMaybe<Scalars['ID']['input']>;
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

/** The bad side of a threshold. */
export type Comparison =
  /** Fires above the threshold. */
  | 'ABOVE'
  /** Fires below the threshold. */
  | 'BELOW';

export type Device = {
  readonly __typename?: 'Device';
  /** Newest first. At most 200 a page. */
  readonly alerts?: Maybe<AlertConnection>;
  readonly id: Scalars['ID']['output'];
};


export type DeviceAlertsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
  states?: InputMaybe<ReadonlyArray<AlertState>>;
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
  /** Takes a firing alert in hand. */
  readonly acknowledgeAlert: Alert;
  /** Makes a rule. */
  readonly createAlertRule: AlertRule;
  /** Removes a rule and resolves its alerts. */
  readonly deleteAlertRule: Scalars['ID']['output'];
  /** Ends an alert by hand. It fires anew only after the value has been on the right side of the clear threshold. */
  readonly resolveAlert: Alert;
  /** Changes the given fields of a rule. */
  readonly updateAlertRule: AlertRule;
};


/** What can be changed, each by those who may. */
export type MutationAcknowledgeAlertArgs = {
  comment?: InputMaybe<Scalars['String']['input']>;
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationCreateAlertRuleArgs = {
  input: AlertRuleInput;
};


/** What can be changed, each by those who may. */
export type MutationDeleteAlertRuleArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationResolveAlertArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationUpdateAlertRuleArgs = {
  id: Scalars['ID']['input'];
  input: UpdateAlertRuleInput;
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

/** What the city knows. */
export type Query = {
  readonly __typename?: 'Query';
  /** All rules. */
  readonly alertRules: ReadonlyArray<AlertRule>;
  /** Alerts, newest first. At most 200 a page. PENDING ones are left out unless asked for. */
  readonly alerts: AlertConnection;
};


/** What the city knows. */
export type QueryAlertsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
  states?: InputMaybe<ReadonlyArray<AlertState>>;
};

/** How much an alert matters. */
export type Severity =
  /** Somebody must act. */
  | 'CRITICAL'
  /** Good to know. */
  | 'INFO'
  /** Somebody should look. */
  | 'WARNING';

/** What happens, as it happens. */
export type Subscription = {
  readonly __typename?: 'Subscription';
  /** An alert each time it starts to fire, is acknowledged or resolved; of one zone, or of the whole city. */
  readonly alertChanged: Alert;
};


/** What happens, as it happens. */
export type SubscriptionAlertChangedArgs = {
  zoneId?: InputMaybe<Scalars['ID']['input']>;
};

/** What of a rule is to be another. */
export type UpdateAlertRuleInput = {
  /** Must lie on the harmless side of `threshold`. */
  readonly clearThreshold?: InputMaybe<Scalars['Float']['input']>;
  /** False so that it watches nothing. */
  readonly enabled?: InputMaybe<Scalars['Boolean']['input']>;
  /** At most P1D. */
  readonly for?: InputMaybe<Scalars['Duration']['input']>;
  /** For people. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** Of alerts from now on. */
  readonly severity?: InputMaybe<Severity>;
  /** In the metric's unit. */
  readonly threshold?: InputMaybe<Scalars['Float']['input']>;
};

export type Zone = {
  readonly __typename?: 'Zone';
  /** Newest first. At most 200 a page. */
  readonly alerts?: Maybe<AlertConnection>;
  readonly id: Scalars['ID']['output'];
};


export type ZoneAlertsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
  states?: InputMaybe<ReadonlyArray<AlertState>>;
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
  Alert: Alert;
  AlertRule: AlertRule;
  Device: Device;
  Zone: Zone;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Alert:
    ( { __typename: 'Alert' }
    & GraphQLRecursivePick<FederationTypes['Alert'], {"id":true}> );
  AlertRule:
    ( { __typename: 'AlertRule' }
    & GraphQLRecursivePick<FederationTypes['AlertRule'], {"id":true}> );
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
  Alert: ResolverTypeWrapper<AlertRecord>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  AlertConnection: ResolverTypeWrapper<Omit<AlertConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['Alert']> }>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  AlertRule: ResolverTypeWrapper<Rule>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  AlertRuleInput: AlertRuleInput;
  AlertState: ResolverTypeWrapper<DomainAlertState>;
  BoundingBoxInput: BoundingBoxInput;
  Comparison: Comparison;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Device: ResolverTypeWrapper<Omit<Device, 'alerts'> & { alerts?: Maybe<ResolversTypes['AlertConnection']> }>;
  Duration: ResolverTypeWrapper<Scalars['Duration']['output']>;
  Metres: ResolverTypeWrapper<Scalars['Metres']['output']>;
  Metric: Metric;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Percent: ResolverTypeWrapper<Scalars['Percent']['output']>;
  Quality: Quality;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Severity: Severity;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  UpdateAlertRuleInput: UpdateAlertRuleInput;
  WattHours: ResolverTypeWrapper<Scalars['WattHours']['output']>;
  Zone: ResolverTypeWrapper<Omit<Zone, 'alerts'> & { alerts?: Maybe<ResolversTypes['AlertConnection']> }>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Alert: AlertRecord;
  String: Scalars['String']['output'];
  ID: Scalars['ID']['output'];
  Float: Scalars['Float']['output'];
  AlertConnection: Omit<AlertConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['Alert']> };
  Int: Scalars['Int']['output'];
  AlertRule: Rule;
  Boolean: Scalars['Boolean']['output'];
  AlertRuleInput: AlertRuleInput;
  BoundingBoxInput: BoundingBoxInput;
  DateTime: Scalars['DateTime']['output'];
  Device: Omit<Device, 'alerts'> & { alerts?: Maybe<ResolversParentTypes['AlertConnection']> } | FederationReferenceTypes['Device'];
  Duration: Scalars['Duration']['output'];
  Metres: Scalars['Metres']['output'];
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  Percent: Scalars['Percent']['output'];
  Query: Record<PropertyKey, never>;
  Subscription: Record<PropertyKey, never>;
  UpdateAlertRuleInput: UpdateAlertRuleInput;
  WattHours: Scalars['WattHours']['output'];
  Zone: Omit<Zone, 'alerts'> & { alerts?: Maybe<ResolversParentTypes['AlertConnection']> } | FederationReferenceTypes['Zone'];
};

export type PublicDirectiveArgs = { };

export type PublicDirectiveResolver<Result, Parent, ContextType = Context, Args = PublicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AlertResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Alert'] = ResolversParentTypes['Alert'], FederationReferenceType extends FederationReferenceTypes['Alert'] = FederationReferenceTypes['Alert']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Alert']> | FederationReferenceType, FederationReferenceType, ContextType>;
  acknowledgedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  comment?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  device?: Resolver<Maybe<ResolversTypes['Device']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
  resolvedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  rule?: Resolver<Maybe<ResolversTypes['AlertRule']>, ParentType, ContextType>;
  severity?: Resolver<ResolversTypes['Severity'], ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['AlertState'], ParentType, ContextType>;
  threshold?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  title?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  unit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  zone?: Resolver<Maybe<ResolversTypes['Zone']>, ParentType, ContextType>;
};

export type AlertConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AlertConnection'] = ResolversParentTypes['AlertConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Alert']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type AlertRuleResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AlertRule'] = ResolversParentTypes['AlertRule'], FederationReferenceType extends FederationReferenceTypes['AlertRule'] = FederationReferenceTypes['AlertRule']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['AlertRule']> | FederationReferenceType, FederationReferenceType, ContextType>;
  clearThreshold?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  comparison?: Resolver<ResolversTypes['Comparison'], ParentType, ContextType>;
  device?: Resolver<Maybe<ResolversTypes['Device']>, ParentType, ContextType>;
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  for?: Resolver<ResolversTypes['Duration'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['Metric'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  severity?: Resolver<ResolversTypes['Severity'], ParentType, ContextType>;
  threshold?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  zone?: Resolver<Maybe<ResolversTypes['Zone']>, ParentType, ContextType>;
};

export type AlertStateResolvers = EnumResolverSignature<{ ACKNOWLEDGED?: any, FIRING?: any, PENDING?: any, RESOLVED?: any }, ResolversTypes['AlertState']>;

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeviceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Device'] = ResolversParentTypes['Device'], FederationReferenceType extends FederationReferenceTypes['Device'] = FederationReferenceTypes['Device']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Device']> | FederationReferenceType, FederationReferenceType, ContextType>;
  alerts?: Resolver<Maybe<ResolversTypes['AlertConnection']>, ParentType, ContextType, RequireFields<DeviceAlertsArgs, 'first'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export interface DurationScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Duration'], any> {
  name: 'Duration';
}

export interface MetresScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Metres'], any> {
  name: 'Metres';
}

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  acknowledgeAlert?: Resolver<ResolversTypes['Alert'], ParentType, ContextType, RequireFields<MutationAcknowledgeAlertArgs, 'id'>>;
  createAlertRule?: Resolver<ResolversTypes['AlertRule'], ParentType, ContextType, RequireFields<MutationCreateAlertRuleArgs, 'input'>>;
  deleteAlertRule?: Resolver<ResolversTypes['ID'], ParentType, ContextType, RequireFields<MutationDeleteAlertRuleArgs, 'id'>>;
  resolveAlert?: Resolver<ResolversTypes['Alert'], ParentType, ContextType, RequireFields<MutationResolveAlertArgs, 'id'>>;
  updateAlertRule?: Resolver<ResolversTypes['AlertRule'], ParentType, ContextType, RequireFields<MutationUpdateAlertRuleArgs, 'id' | 'input'>>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export interface PercentScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Percent'], any> {
  name: 'Percent';
}

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  alertRules?: Resolver<ReadonlyArray<ResolversTypes['AlertRule']>, ParentType, ContextType>;
  alerts?: Resolver<ResolversTypes['AlertConnection'], ParentType, ContextType, RequireFields<QueryAlertsArgs, 'first'>>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  alertChanged?: SubscriptionResolver<ResolversTypes['Alert'], "alertChanged", ParentType, ContextType, Partial<SubscriptionAlertChangedArgs>>;
};

export interface WattHoursScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['WattHours'], any> {
  name: 'WattHours';
}

export type ZoneResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Zone'] = ResolversParentTypes['Zone'], FederationReferenceType extends FederationReferenceTypes['Zone'] = FederationReferenceTypes['Zone']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Zone']> | FederationReferenceType, FederationReferenceType, ContextType>;
  alerts?: Resolver<Maybe<ResolversTypes['AlertConnection']>, ParentType, ContextType, RequireFields<ZoneAlertsArgs, 'first'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  Alert?: AlertResolvers<ContextType>;
  AlertConnection?: AlertConnectionResolvers<ContextType>;
  AlertRule?: AlertRuleResolvers<ContextType>;
  AlertState?: AlertStateResolvers;
  DateTime?: GraphQLScalarType;
  Device?: DeviceResolvers<ContextType>;
  Duration?: GraphQLScalarType;
  Metres?: GraphQLScalarType;
  Mutation?: MutationResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Percent?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  WattHours?: GraphQLScalarType;
  Zone?: ZoneResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  public?: PublicDirectiveResolver<any, any, ContextType>;
};
