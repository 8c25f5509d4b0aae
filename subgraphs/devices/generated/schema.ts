import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { DeviceNow } from '../domain/device.ts';
import type { SensorModel } from '../domain/sensor-model.ts';
import type { Session as SessionRecord } from '../identity/identity.ts';
import type { User as UserRecord } from '../identity/user.ts';
import type { Zone as ZoneRecord } from '../domain/zone.ts';
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

/** A rectangle on the map, in degrees (WGS 84). A west greater than east crosses the antimeridian. */
export type BoundingBoxInput = {
  readonly east: Scalars['Float']['input'];
  readonly north: Scalars['Float']['input'];
  readonly south: Scalars['Float']['input'];
  readonly west: Scalars['Float']['input'];
};

export type Connectivity =
  | 'HTTP'
  | 'LORAWAN'
  | 'OTHER'
  | 'WIFI';

/** A node with its sensors at one place. */
export type Device = {
  readonly __typename?: 'Device';
  readonly connectivity: Connectivity;
  /** LoRaWAN device EUI, 16 hexadecimal digits. */
  readonly devEui?: Maybe<Scalars['String']['output']>;
  readonly environment: Environment;
  /** Firmware version, as the device last said. */
  readonly firmware?: Maybe<Scalars['String']['output']>;
  readonly id: Scalars['ID']['output'];
  /** Time of its newest reading; null before the first. */
  readonly lastSeenAt?: Maybe<Scalars['DateTime']['output']>;
  readonly location: Location;
  readonly name: Scalars['String']['output'];
  readonly registeredAt: Scalars['DateTime']['output'];
  readonly sensors: ReadonlyArray<Sensor>;
  readonly status: DeviceStatus;
  readonly tags: ReadonlyArray<Scalars['String']['output']>;
  readonly zone: Zone;
};

export type DeviceConnection = {
  readonly __typename?: 'DeviceConnection';
  readonly nodes: ReadonlyArray<Device>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

/** MQTT user name and password. Shown once, stored only as a hash. */
export type DeviceCredentials = {
  readonly __typename?: 'DeviceCredentials';
  readonly password: Scalars['String']['output'];
  readonly username: Scalars['String']['output'];
};

/** All given conditions must hold. */
export type DeviceFilter = {
  readonly environment?: InputMaybe<Environment>;
  /** Part of the name, id or a tag; upper and lower case are the same. */
  readonly search?: InputMaybe<Scalars['String']['input']>;
  readonly status?: InputMaybe<DeviceStatus>;
  readonly within?: InputMaybe<BoundingBoxInput>;
  /** Id of a zone. */
  readonly zone?: InputMaybe<Scalars['ID']['input']>;
};

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

export type Environment =
  | 'INDOOR'
  | 'OUTDOOR';

/** WGS 84. */
export type Location = {
  readonly __typename?: 'Location';
  /** Metres above sea level. */
  readonly altitude?: Maybe<Scalars['Metres']['output']>;
  /** Degrees north. */
  readonly latitude: Scalars['Float']['output'];
  /** Degrees east. */
  readonly longitude: Scalars['Float']['output'];
};

export type LocationInput = {
  /** Metres above sea level. */
  readonly altitude?: InputMaybe<Scalars['Float']['input']>;
  /** -90 to 90. */
  readonly latitude: Scalars['Float']['input'];
  /** -180 to 180. */
  readonly longitude: Scalars['Float']['input'];
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

export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Removes a zone; its devices move to the zones they lie in now. */
  readonly deleteZone: Scalars['ID']['output'];
  /** New tokens for a refresh token, which is used up. A used one ends every session that came from it. */
  readonly refreshSession: Session;
  /** Makes a device and its MQTT credentials. */
  readonly registerDevice: RegisterDevicePayload;
  /** Ends a device: its credentials no longer work, its history stays. */
  readonly retireDevice: Device;
  /** A new secret; the old one stays valid for a day, so that the device can be reached with its new one. */
  readonly rotateDeviceCredentials: DeviceCredentials;
  /** Makes a zone, or replaces the one with this id; devices move into it by their place. */
  readonly saveZone: Zone;
  /** Gives tokens for an email and password. */
  readonly signIn: Session;
  /** Changes the given fields. */
  readonly updateDevice: Device;
};


export type MutationDeleteZoneArgs = {
  id: Scalars['ID']['input'];
};


export type MutationRefreshSessionArgs = {
  refreshToken: Scalars['String']['input'];
};


export type MutationRegisterDeviceArgs = {
  input: RegisterDeviceInput;
};


export type MutationRetireDeviceArgs = {
  id: Scalars['ID']['input'];
};


export type MutationRotateDeviceCredentialsArgs = {
  id: Scalars['ID']['input'];
};


export type MutationSaveZoneArgs = {
  input: ZoneInput;
};


export type MutationSignInArgs = {
  email: Scalars['String']['input'];
  password: Scalars['String']['input'];
};


export type MutationUpdateDeviceArgs = {
  id: Scalars['ID']['input'];
  input: UpdateDeviceInput;
};

export type NearbyDevice = {
  readonly __typename?: 'NearbyDevice';
  readonly device: Device;
  /** Along the great circle. */
  readonly distance: Scalars['Metres']['output'];
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

export type Query = {
  readonly __typename?: 'Query';
  /** One device, or null when there is none with this id. */
  readonly device?: Maybe<Device>;
  /** Devices by name. At most 200 a page. */
  readonly devices: DeviceConnection;
  /** The devices nearest to a place, nearest first. At most 100. */
  readonly nearestDevices: ReadonlyArray<NearbyDevice>;
  /** Who is signed in; null when nobody is. */
  readonly viewer?: Maybe<User>;
  /** One zone, or null when there is none with this id. */
  readonly zone?: Maybe<Zone>;
  /** All zones, by name. A device outside all of them belongs to the zone `outside`. */
  readonly zones: ReadonlyArray<Zone>;
};


export type QueryDeviceArgs = {
  id: Scalars['ID']['input'];
};


export type QueryDevicesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DeviceFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryNearestDevicesArgs = {
  first?: Scalars['Int']['input'];
  latitude: Scalars['Float']['input'];
  longitude: Scalars['Float']['input'];
};


export type QueryZoneArgs = {
  id: Scalars['ID']['input'];
};

export type RegisterDeviceInput = {
  readonly connectivity?: Connectivity;
  readonly devEui?: InputMaybe<Scalars['String']['input']>;
  readonly environment?: Environment;
  /** 1 to 64 letters, digits, `-` or `_`. Made by the platform when left out. */
  readonly id?: InputMaybe<Scalars['ID']['input']>;
  readonly location: LocationInput;
  readonly name: Scalars['String']['input'];
  /** Models, as in SDS011, DHT22, BME280, MH-Z19B. */
  readonly sensors?: ReadonlyArray<Scalars['String']['input']>;
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type RegisterDevicePayload = {
  readonly __typename?: 'RegisterDevicePayload';
  readonly credentials: DeviceCredentials;
  readonly device: Device;
};

export type Role =
  | 'ADMIN'
  | 'CITIZEN'
  | 'OPERATOR'
  | 'PARTNER'
  | 'RESEARCHER';

export type Sensor = {
  readonly __typename?: 'Sensor';
  /** What this model measures. */
  readonly metrics: ReadonlyArray<Metric>;
  /** Model, as in SDS011. */
  readonly model: Scalars['String']['output'];
};

export type Session = {
  readonly __typename?: 'Session';
  /** JWT for the `Authorization: Bearer` header, valid for 10 minutes. */
  readonly accessToken: Scalars['String']['output'];
  /** When the access token ends. */
  readonly expiresAt: Scalars['DateTime']['output'];
  /** Opaque, one use, valid for 30 days. */
  readonly refreshToken: Scalars['String']['output'];
  readonly user: User;
};

/** How much an alert matters. */
export type Severity =
  | 'CRITICAL'
  | 'INFO'
  | 'WARNING';

export type Subscription = {
  readonly __typename?: 'Subscription';
  /** A device each time its status changes. */
  readonly deviceStatusChanged: Device;
};

export type UpdateDeviceInput = {
  readonly connectivity?: InputMaybe<Connectivity>;
  readonly devEui?: InputMaybe<Scalars['String']['input']>;
  readonly environment?: InputMaybe<Environment>;
  readonly location?: InputMaybe<LocationInput>;
  readonly name?: InputMaybe<Scalars['String']['input']>;
  readonly sensors?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type User = {
  readonly __typename?: 'User';
  readonly email: Scalars['String']['output'];
  readonly id: Scalars['ID']['output'];
  readonly role: Role;
};

/** A polygon of the city: the unit of partitioning, aggregation and alerting. */
export type Zone = {
  readonly __typename?: 'Zone';
  /** Outer rings, each a closed list of [longitude, latitude] pairs. Empty for the zone `outside`. */
  readonly boundary: ReadonlyArray<ReadonlyArray<ReadonlyArray<Scalars['Float']['output']>>>;
  /** Devices in the zone that are not retired. */
  readonly deviceCount: Scalars['Int']['output'];
  readonly id: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
  /** The region that the zone belongs to, as a city or a district. */
  readonly region: Scalars['String']['output'];
};

export type ZoneInput = {
  /** Outer rings, each a closed list of [longitude, latitude] pairs. */
  readonly boundary: ReadonlyArray<ReadonlyArray<ReadonlyArray<Scalars['Float']['input']>>>;
  /** 1 to 64 letters, digits, `-` or `_`; not `outside`. */
  readonly id: Scalars['ID']['input'];
  readonly name: Scalars['String']['input'];
  readonly region: Scalars['String']['input'];
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
  BoundingBoxInput: BoundingBoxInput;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Connectivity: Connectivity;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Device: ResolverTypeWrapper<DeviceNow>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  DeviceConnection: ResolverTypeWrapper<Omit<DeviceConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['Device']> }>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  DeviceCredentials: ResolverTypeWrapper<DeviceCredentials>;
  DeviceFilter: DeviceFilter;
  DeviceStatus: DeviceStatus;
  Duration: ResolverTypeWrapper<Scalars['Duration']['output']>;
  Environment: Environment;
  Location: ResolverTypeWrapper<Location>;
  LocationInput: LocationInput;
  Metres: ResolverTypeWrapper<Scalars['Metres']['output']>;
  Metric: Metric;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  NearbyDevice: ResolverTypeWrapper<Omit<NearbyDevice, 'device'> & { device: ResolversTypes['Device'] }>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Percent: ResolverTypeWrapper<Scalars['Percent']['output']>;
  Quality: Quality;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RegisterDeviceInput: RegisterDeviceInput;
  RegisterDevicePayload: ResolverTypeWrapper<Omit<RegisterDevicePayload, 'device'> & { device: ResolversTypes['Device'] }>;
  Role: Role;
  Sensor: ResolverTypeWrapper<SensorModel>;
  Session: ResolverTypeWrapper<SessionRecord>;
  Severity: Severity;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  UpdateDeviceInput: UpdateDeviceInput;
  User: ResolverTypeWrapper<UserRecord>;
  WattHours: ResolverTypeWrapper<Scalars['WattHours']['output']>;
  Zone: ResolverTypeWrapper<ZoneRecord>;
  ZoneInput: ZoneInput;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  BoundingBoxInput: BoundingBoxInput;
  Float: Scalars['Float']['output'];
  DateTime: Scalars['DateTime']['output'];
  Device: DeviceNow;
  String: Scalars['String']['output'];
  ID: Scalars['ID']['output'];
  DeviceConnection: Omit<DeviceConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['Device']> };
  Int: Scalars['Int']['output'];
  DeviceCredentials: DeviceCredentials;
  DeviceFilter: DeviceFilter;
  Duration: Scalars['Duration']['output'];
  Location: Location;
  LocationInput: LocationInput;
  Metres: Scalars['Metres']['output'];
  Mutation: Record<PropertyKey, never>;
  NearbyDevice: Omit<NearbyDevice, 'device'> & { device: ResolversParentTypes['Device'] };
  PageInfo: PageInfo;
  Boolean: Scalars['Boolean']['output'];
  Percent: Scalars['Percent']['output'];
  Query: Record<PropertyKey, never>;
  RegisterDeviceInput: RegisterDeviceInput;
  RegisterDevicePayload: Omit<RegisterDevicePayload, 'device'> & { device: ResolversParentTypes['Device'] };
  Sensor: SensorModel;
  Session: SessionRecord;
  Subscription: Record<PropertyKey, never>;
  UpdateDeviceInput: UpdateDeviceInput;
  User: UserRecord;
  WattHours: Scalars['WattHours']['output'];
  Zone: ZoneRecord;
  ZoneInput: ZoneInput;
};

export type PublicDirectiveArgs = { };

export type PublicDirectiveResolver<Result, Parent, ContextType = Context, Args = PublicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeviceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Device'] = ResolversParentTypes['Device'], FederationReferenceType extends FederationReferenceTypes['Device'] = FederationReferenceTypes['Device']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Device']> | FederationReferenceType, FederationReferenceType, ContextType>;
  connectivity?: Resolver<ResolversTypes['Connectivity'], ParentType, ContextType>;
  devEui?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  environment?: Resolver<ResolversTypes['Environment'], ParentType, ContextType>;
  firmware?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastSeenAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  location?: Resolver<ResolversTypes['Location'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  registeredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  sensors?: Resolver<ReadonlyArray<ResolversTypes['Sensor']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['DeviceStatus'], ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  zone?: Resolver<ResolversTypes['Zone'], ParentType, ContextType>;
};

export type DeviceConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeviceConnection'] = ResolversParentTypes['DeviceConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Device']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DeviceCredentialsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeviceCredentials'] = ResolversParentTypes['DeviceCredentials']> = {
  password?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  username?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export interface DurationScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Duration'], any> {
  name: 'Duration';
}

export type LocationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Location'] = ResolversParentTypes['Location']> = {
  altitude?: Resolver<Maybe<ResolversTypes['Metres']>, ParentType, ContextType>;
  latitude?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  longitude?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export interface MetresScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Metres'], any> {
  name: 'Metres';
}

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  deleteZone?: Resolver<ResolversTypes['ID'], ParentType, ContextType, RequireFields<MutationDeleteZoneArgs, 'id'>>;
  refreshSession?: Resolver<ResolversTypes['Session'], ParentType, ContextType, RequireFields<MutationRefreshSessionArgs, 'refreshToken'>>;
  registerDevice?: Resolver<ResolversTypes['RegisterDevicePayload'], ParentType, ContextType, RequireFields<MutationRegisterDeviceArgs, 'input'>>;
  retireDevice?: Resolver<ResolversTypes['Device'], ParentType, ContextType, RequireFields<MutationRetireDeviceArgs, 'id'>>;
  rotateDeviceCredentials?: Resolver<ResolversTypes['DeviceCredentials'], ParentType, ContextType, RequireFields<MutationRotateDeviceCredentialsArgs, 'id'>>;
  saveZone?: Resolver<ResolversTypes['Zone'], ParentType, ContextType, RequireFields<MutationSaveZoneArgs, 'input'>>;
  signIn?: Resolver<ResolversTypes['Session'], ParentType, ContextType, RequireFields<MutationSignInArgs, 'email' | 'password'>>;
  updateDevice?: Resolver<ResolversTypes['Device'], ParentType, ContextType, RequireFields<MutationUpdateDeviceArgs, 'id' | 'input'>>;
};

export type NearbyDeviceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['NearbyDevice'] = ResolversParentTypes['NearbyDevice']> = {
  device?: Resolver<ResolversTypes['Device'], ParentType, ContextType>;
  distance?: Resolver<ResolversTypes['Metres'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export interface PercentScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Percent'], any> {
  name: 'Percent';
}

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  device?: Resolver<Maybe<ResolversTypes['Device']>, ParentType, ContextType, RequireFields<QueryDeviceArgs, 'id'>>;
  devices?: Resolver<ResolversTypes['DeviceConnection'], ParentType, ContextType, RequireFields<QueryDevicesArgs, 'first'>>;
  nearestDevices?: Resolver<ReadonlyArray<ResolversTypes['NearbyDevice']>, ParentType, ContextType, RequireFields<QueryNearestDevicesArgs, 'first' | 'latitude' | 'longitude'>>;
  viewer?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  zone?: Resolver<Maybe<ResolversTypes['Zone']>, ParentType, ContextType, RequireFields<QueryZoneArgs, 'id'>>;
  zones?: Resolver<ReadonlyArray<ResolversTypes['Zone']>, ParentType, ContextType>;
};

export type RegisterDevicePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RegisterDevicePayload'] = ResolversParentTypes['RegisterDevicePayload']> = {
  credentials?: Resolver<ResolversTypes['DeviceCredentials'], ParentType, ContextType>;
  device?: Resolver<ResolversTypes['Device'], ParentType, ContextType>;
};

export type SensorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Sensor'] = ResolversParentTypes['Sensor']> = {
  metrics?: Resolver<ReadonlyArray<ResolversTypes['Metric']>, ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type SessionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Session'] = ResolversParentTypes['Session']> = {
  accessToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  refreshToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  deviceStatusChanged?: SubscriptionResolver<ResolversTypes['Device'], "deviceStatusChanged", ParentType, ContextType>;
};

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  email?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
};

export interface WattHoursScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['WattHours'], any> {
  name: 'WattHours';
}

export type ZoneResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Zone'] = ResolversParentTypes['Zone'], FederationReferenceType extends FederationReferenceTypes['Zone'] = FederationReferenceTypes['Zone']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Zone']> | FederationReferenceType, FederationReferenceType, ContextType>;
  boundary?: Resolver<ReadonlyArray<ReadonlyArray<ReadonlyArray<ResolversTypes['Float']>>>, ParentType, ContextType>;
  deviceCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  region?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  DateTime?: GraphQLScalarType;
  Device?: DeviceResolvers<ContextType>;
  DeviceConnection?: DeviceConnectionResolvers<ContextType>;
  DeviceCredentials?: DeviceCredentialsResolvers<ContextType>;
  Duration?: GraphQLScalarType;
  Location?: LocationResolvers<ContextType>;
  Metres?: GraphQLScalarType;
  Mutation?: MutationResolvers<ContextType>;
  NearbyDevice?: NearbyDeviceResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Percent?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  RegisterDevicePayload?: RegisterDevicePayloadResolvers<ContextType>;
  Sensor?: SensorResolvers<ContextType>;
  Session?: SessionResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  WattHours?: GraphQLScalarType;
  Zone?: ZoneResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  public?: PublicDirectiveResolver<any, any, ContextType>;
};
