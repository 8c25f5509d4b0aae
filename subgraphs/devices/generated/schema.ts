import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ApiKey as ApiKeyRecord } from '../identity/api-keys.ts';
import type { AuditEntry as AuditRecord } from '@greencity/platform/audit-log/chain';
import type { ShownClaimCode } from '../claims.ts';
import type { DeviceNow } from '../domain/device.ts';
import type { SensorModel } from '../domain/sensor-model.ts';
import type { Session as SessionRecord } from '../identity/sign-in.ts';
import type { OpenSession } from '../identity/refresh-tokens.ts';
import type { KeyState } from '../identity/key-ring.ts';
import type { User as UserRecord, StoredUser } from '../identity/user.ts';
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

/** What a program signs in with. Its text is shown once and stored only as a hash. */
export type ApiKey = {
  readonly __typename?: 'ApiKey';
  /** Secrets that are valid now: 2 while it is rotated, 0 once it has ended. */
  readonly activeSecrets: Scalars['Int']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  /** Requests a day. */
  readonly dailyQuota: Scalars['Int']['output'];
  readonly expiresAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  /** To the minute; null before the first use. */
  readonly lastUsedAt?: Maybe<Scalars['DateTime']['output']>;
  readonly name: Scalars['String']['output'];
  readonly revokedAt?: Maybe<Scalars['DateTime']['output']>;
  readonly scopes: ReadonlyArray<Scalars['String']['output']>;
};

/** An API key, with its text. */
export type ApiKeyWithText = {
  readonly __typename?: 'ApiKeyWithText';
  readonly key: ApiKey;
  /** For the `Authorization: Bearer` header. Shown once. */
  readonly text: Scalars['String']['output'];
};

/** What somebody did. Each entry's hash is over it and the hash before it. */
export type AuditEntry = {
  readonly __typename?: 'AuditEntry';
  /** Name of the mutation. */
  readonly action: Scalars['String']['output'];
  /** As in `user:user-1`, `key:0a1b`, `anonymous`. */
  readonly actor: Scalars['String']['output'];
  readonly at: Scalars['DateTime']['output'];
  /** Address of the client. */
  readonly from?: Maybe<Scalars['String']['output']>;
  /** SHA-256, hex. */
  readonly hash: Scalars['String']['output'];
  readonly outcome: AuditOutcome;
  /** From 1, without gaps. */
  readonly seq: Scalars['Int']['output'];
  /** Id or email that it was about. */
  readonly subject: Scalars['String']['output'];
};

/** A page of the audit log. */
export type AuditEntryConnection = {
  readonly __typename?: 'AuditEntryConnection';
  readonly nodes: ReadonlyArray<AuditEntry>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

/** What became of it. */
export type AuditOutcome =
  /** It was done. */
  | 'DONE'
  /** It was tried, and nothing was changed. */
  | 'REFUSED';

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

/** An old and a new password. */
export type ChangePasswordInput = {
  /** The one until now. */
  readonly current: Scalars['String']['input'];
  /** 12 to 256 characters. */
  readonly next: Scalars['String']['input'];
};

/** What makes somebody the owner of a device, once. */
export type ClaimCode = {
  readonly __typename?: 'ClaimCode';
  /** Twelve letters and digits in groups of four. Shown once. */
  readonly code: Scalars['String']['output'];
  readonly device: Device;
  readonly expiresAt: Scalars['DateTime']['output'];
};

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

/** An API key to be made. */
export type CreateApiKeyInput = {
  /** Requests a day, 1 to 10,000,000. */
  readonly dailyQuota?: Scalars['Int']['input'];
  /** At most 400 days ahead. */
  readonly expiresAt: Scalars['DateTime']['input'];
  /** What it is for. */
  readonly name: Scalars['String']['input'];
  /** As in `measurements:read`; only such as the key's owner has. */
  readonly scopes: ReadonlyArray<Scalars['String']['input']>;
  /** Whose key it is; the viewer's own when left out. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

/** A user to be made. */
export type CreateUserInput = {
  /** What the user will sign in with. */
  readonly email: Scalars['String']['input'];
  /** 12 to 256 characters. Made, and shown once, when left out. */
  readonly password?: InputMaybe<Scalars['String']['input']>;
  /** Says which scopes the user has. */
  readonly role: Role;
};

/** A node with its sensors at one place. */
export type Device = {
  readonly __typename?: 'Device';
  /** How its readings come. */
  readonly connectivity: Connectivity;
  /** LoRaWAN device EUI, 16 hexadecimal digits. Of a device whose `locationPrivacy` is ROUNDED null, unless it is the viewer's own or the viewer manages devices. */
  readonly devEui?: Maybe<Scalars['String']['output']>;
  /** What air it measures. */
  readonly environment: Environment;
  /** Firmware version, as the device last said. */
  readonly firmware?: Maybe<Scalars['String']['output']>;
  /** As it was registered with; also its MQTT user name. */
  readonly id: Scalars['ID']['output'];
  /** Time of its newest reading; null before the first. */
  readonly lastSeenAt?: Maybe<Scalars['DateTime']['output']>;
  /** Of a device whose `locationPrivacy` is ROUNDED the middle of a square of about 200 m, without altitude, unless it is the viewer's own or the viewer manages devices. */
  readonly location: Location;
  /** How exactly others see where it is. */
  readonly locationPrivacy: LocationPrivacy;
  /** For people. */
  readonly name: Scalars['String']['output'];
  /** The user whose device it is; null for the platform's own. */
  readonly owner?: Maybe<User>;
  /** When it became known here. */
  readonly registeredAt: Scalars['DateTime']['output'];
  /** What it measures with. */
  readonly sensors: ReadonlyArray<Sensor>;
  /** Whether it is heard. */
  readonly status: DeviceStatus;
  /** Words to find it by. */
  readonly tags: ReadonlyArray<Scalars['String']['output']>;
  /** The zone that it lies in, or `outside`. */
  readonly zone: Zone;
};

/** A page of devices. */
export type DeviceConnection = {
  readonly __typename?: 'DeviceConnection';
  /** The devices of this page. */
  readonly nodes: ReadonlyArray<Device>;
  /** Whether more follow, and where. */
  readonly pageInfo: PageInfo;
  /** On all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** MQTT user name and password. Shown once, stored only as a hash. */
export type DeviceCredentials = {
  readonly __typename?: 'DeviceCredentials';
  /** Its secret. */
  readonly password: Scalars['String']['output'];
  /** The device's id. */
  readonly username: Scalars['String']['output'];
};

/** All given conditions must hold. */
export type DeviceFilter = {
  /** That measure such air. */
  readonly environment?: InputMaybe<Environment>;
  /** Part of the name, id or a tag; upper and lower case are the same. */
  readonly search?: InputMaybe<Scalars['String']['input']>;
  /** In this state. */
  readonly status?: InputMaybe<DeviceStatus>;
  /** In this box. */
  readonly within?: InputMaybe<BoundingBoxInput>;
  /** Id of a zone. */
  readonly zone?: InputMaybe<Scalars['ID']['input']>;
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
export type Location = {
  readonly __typename?: 'Location';
  /** Metres above sea level. */
  readonly altitude?: Maybe<Scalars['Metres']['output']>;
  /** Degrees north. */
  readonly latitude: Scalars['Float']['output'];
  /** Degrees east. */
  readonly longitude: Scalars['Float']['output'];
};

/** A place on the ground, WGS 84. */
export type LocationInput = {
  /** Metres above sea level. */
  readonly altitude?: InputMaybe<Scalars['Float']['input']>;
  /** -90 to 90. */
  readonly latitude: Scalars['Float']['input'];
  /** -180 to 180. */
  readonly longitude: Scalars['Float']['input'];
};

/** What the public is shown of where a device hangs. */
export type LocationPrivacy =
  /** Its place. */
  | 'EXACT'
  /** The square of about 200 m that it hangs in: for a home. Also in boxes, distances, zones, live values, heat maps and exports. */
  | 'ROUNDED';

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
  /** A new password; every other session ends, and this one's access token: refresh it. */
  readonly changePassword: User;
  /** Gives a user another role; its access tokens end. */
  readonly changeUserRole: User;
  /** Makes the viewer the owner of the device that the code was made for. Each code works once. */
  readonly claimDevice: Device;
  /** Makes an API key, shown once, with scopes that its owner has. For somebody else only by an admin. */
  readonly createApiKey: ApiKeyWithText;
  /** A code, shown once and valid for a day, by which a citizen claims the device. Also by its owner, to hand it on. */
  readonly createClaimCode: ClaimCode;
  /** Makes a user. Without a password one is made, and shown once. */
  readonly createUser: UserWithPassword;
  /** Removes a zone; its devices move to the zones they lie in now. */
  readonly deleteZone: Scalars['ID']['output'];
  /** Keeps a user out: its sessions, access tokens and API keys stop working at once. */
  readonly disableUser: User;
  /** Lets a disabled user sign in again. */
  readonly enableUser: User;
  /** New tokens for a refresh token, which is used up. A used one ends every session that came from it. */
  readonly refreshSession: Session;
  /** Makes a device and its MQTT credentials. */
  readonly registerDevice: RegisterDevicePayload;
  /** Ends the ownership of a device, by its owner or an operator. */
  readonly releaseDevice: Device;
  /** A new password for a user who lost its own, shown once; its sessions end. */
  readonly resetUserPassword: UserWithPassword;
  /** Ends a device: its credentials no longer work, its history stays. */
  readonly retireDevice: Device;
  /** Ends an API key at once. */
  readonly revokeApiKey: ApiKey;
  /** Ends every secret of a device at once; its connection is closed. `rotateDeviceCredentials` gives it a new one. By its owner, too. */
  readonly revokeDeviceCredentials: Device;
  /** Ends one of the viewer's sessions, and its access tokens. */
  readonly revokeSession: Scalars['ID']['output'];
  /** For a signing key that others may have: it leaves at once, and every access token that it signed ends. */
  readonly revokeSigningKey: ReadonlyArray<SigningKey>;
  /** A new secret for an API key, shown once. The one before stays valid for a while, a week where nothing else is said; one before that ends now. */
  readonly rotateApiKey: ApiKeyWithText;
  /** A new secret; the old one stays valid for a day, so that the device can be reached with its new one. By its owner, too. */
  readonly rotateDeviceCredentials: DeviceCredentials;
  /** Publishes the next signing key now; it signs a quarter of an hour later. */
  readonly rotateSigningKey: ReadonlyArray<SigningKey>;
  /** Makes a zone, or replaces the one with this id; devices move into it by their place. */
  readonly saveZone: Zone;
  /** Gives tokens for an email and password. */
  readonly signIn: Session;
  /** Ends the session that the access token belongs to, and the token with it. Gives its id. */
  readonly signOut: Scalars['ID']['output'];
  /** Changes the given fields. By its owner, too. */
  readonly updateDevice: Device;
};


/** What can be changed, each by those who may. */
export type MutationChangePasswordArgs = {
  input: ChangePasswordInput;
};


/** What can be changed, each by those who may. */
export type MutationChangeUserRoleArgs = {
  id: Scalars['ID']['input'];
  role: Role;
};


/** What can be changed, each by those who may. */
export type MutationClaimDeviceArgs = {
  code: Scalars['String']['input'];
};


/** What can be changed, each by those who may. */
export type MutationCreateApiKeyArgs = {
  input: CreateApiKeyInput;
};


/** What can be changed, each by those who may. */
export type MutationCreateClaimCodeArgs = {
  deviceId: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationCreateUserArgs = {
  input: CreateUserInput;
};


/** What can be changed, each by those who may. */
export type MutationDeleteZoneArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationDisableUserArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationEnableUserArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationRefreshSessionArgs = {
  refreshToken: Scalars['String']['input'];
};


/** What can be changed, each by those who may. */
export type MutationRegisterDeviceArgs = {
  input: RegisterDeviceInput;
};


/** What can be changed, each by those who may. */
export type MutationReleaseDeviceArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationResetUserPasswordArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationRetireDeviceArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationRevokeApiKeyArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationRevokeDeviceCredentialsArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationRevokeSessionArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationRevokeSigningKeyArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationRotateApiKeyArgs = {
  id: Scalars['ID']['input'];
  previousValidFor?: InputMaybe<Scalars['Duration']['input']>;
};


/** What can be changed, each by those who may. */
export type MutationRotateDeviceCredentialsArgs = {
  id: Scalars['ID']['input'];
};


/** What can be changed, each by those who may. */
export type MutationSaveZoneArgs = {
  input: ZoneInput;
};


/** What can be changed, each by those who may. */
export type MutationSignInArgs = {
  email: Scalars['String']['input'];
  password: Scalars['String']['input'];
};


/** What can be changed, each by those who may. */
export type MutationUpdateDeviceArgs = {
  id: Scalars['ID']['input'];
  input: UpdateDeviceInput;
};

/** A device and how far away it is. */
export type NearbyDevice = {
  readonly __typename?: 'NearbyDevice';
  /** The device. */
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

/** What the city knows. */
export type Query = {
  readonly __typename?: 'Query';
  /** API keys, newest first: the viewer's own, and for an admin everybody's. At most 1,000. */
  readonly apiKeys: ReadonlyArray<ApiKey>;
  /** What was done, newest first. At most 1,000 a page. */
  readonly auditLog: AuditEntryConnection;
  /** One device, or null when there is none with this id. */
  readonly device?: Maybe<Device>;
  /** Devices by name. At most 200 a page. */
  readonly devices: DeviceConnection;
  /** The devices nearest to a place, nearest first. At most 100. */
  readonly nearestDevices: ReadonlyArray<NearbyDevice>;
  /** Devices that the viewer has claimed, by name. */
  readonly ownDevices: ReadonlyArray<Device>;
  /** The viewer's open sessions, the one used last first. */
  readonly sessions: ReadonlyArray<SignedInSession>;
  /** Keys that access tokens are verified with, oldest first. */
  readonly signingKeys: ReadonlyArray<SigningKey>;
  /** Users in the order of their ids. At most 200 a page. */
  readonly users: UserConnection;
  /** Who is signed in, also the owner of an API key; null when nobody is. */
  readonly viewer?: Maybe<User>;
  /** One zone, or null when there is none with this id. */
  readonly zone?: Maybe<Zone>;
  /** All zones, by name. A device outside all of them belongs to the zone `outside`. */
  readonly zones: ReadonlyArray<Zone>;
};


/** What the city knows. */
export type QueryAuditLogArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
};


/** What the city knows. */
export type QueryDeviceArgs = {
  id: Scalars['ID']['input'];
};


/** What the city knows. */
export type QueryDevicesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DeviceFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** What the city knows. */
export type QueryNearestDevicesArgs = {
  first?: Scalars['Int']['input'];
  latitude: Scalars['Float']['input'];
  longitude: Scalars['Float']['input'];
};


/** What the city knows. */
export type QueryUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
};


/** What the city knows. */
export type QueryZoneArgs = {
  id: Scalars['ID']['input'];
};

/** A device to be made. */
export type RegisterDeviceInput = {
  /** How its readings come. */
  readonly connectivity?: Connectivity;
  /** LoRaWAN device EUI, 16 hexadecimal digits. */
  readonly devEui?: InputMaybe<Scalars['String']['input']>;
  /** What air it measures. */
  readonly environment?: Environment;
  /** 1 to 64 letters, digits, `-` or `_`. Made by the platform when left out. */
  readonly id?: InputMaybe<Scalars['ID']['input']>;
  /** Where it stands. */
  readonly location: LocationInput;
  /** How exactly others see where it is. */
  readonly locationPrivacy?: LocationPrivacy;
  /** For people. */
  readonly name: Scalars['String']['input'];
  /** Models, as in SDS011, DHT22, BME280, MH-Z19B. */
  readonly sensors?: ReadonlyArray<Scalars['String']['input']>;
  /** Words to find it by. */
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** A new device and its secret. */
export type RegisterDevicePayload = {
  readonly __typename?: 'RegisterDevicePayload';
  /** What it signs in with at the broker. */
  readonly credentials: DeviceCredentials;
  /** The device as it is now. */
  readonly device: Device;
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

/** A part that measures. */
export type Sensor = {
  readonly __typename?: 'Sensor';
  /** What this model measures. */
  readonly metrics: ReadonlyArray<Metric>;
  /** Model, as in SDS011. */
  readonly model: Scalars['String']['output'];
};

/** What signing in gives. */
export type Session = {
  readonly __typename?: 'Session';
  /** JWT for the `Authorization: Bearer` header, valid for 10 minutes. */
  readonly accessToken: Scalars['String']['output'];
  /** When the access token ends. */
  readonly expiresAt: Scalars['DateTime']['output'];
  /** Opaque, one use, valid for 30 days. */
  readonly refreshToken: Scalars['String']['output'];
  /** Who has signed in. */
  readonly user: User;
};

/** Whether a session is the one that asks. */
export type SessionPresence =
  /** Signed in somewhere else. */
  | 'ANOTHER'
  /** This request belongs to it. */
  | 'THIS';

/** How much an alert matters. */
export type Severity =
  /** Somebody must act. */
  | 'CRITICAL'
  /** Good to know. */
  | 'INFO'
  /** Somebody should look. */
  | 'WARNING';

/** An open sign-in. */
export type SignedInSession = {
  readonly __typename?: 'SignedInSession';
  /** Whether this request belongs to it. */
  readonly current: SessionPresence;
  readonly expiresAt: Scalars['DateTime']['output'];
  /** Address that it was last used from. */
  readonly from?: Maybe<Scalars['String']['output']>;
  readonly id: Scalars['ID']['output'];
  readonly startedAt: Scalars['DateTime']['output'];
  /** When its refresh token was last used. */
  readonly usedAt: Scalars['DateTime']['output'];
};

/** A key that access tokens are signed with. */
export type SigningKey = {
  readonly __typename?: 'SigningKey';
  /** Its RFC 7638 thumbprint, the `kid` of tokens. */
  readonly id: Scalars['ID']['output'];
  readonly signsFrom: Scalars['DateTime']['output'];
  readonly state: SigningKeyState;
};

/** What a signing key does now. */
export type SigningKeyState =
  /** Known to others, signs later. */
  | 'PUBLISHED'
  /** Has signed; tokens of it may still be good. */
  | 'RETIRING'
  /** Signs new access tokens. */
  | 'SIGNING';

/** What happens, as it happens. */
export type Subscription = {
  readonly __typename?: 'Subscription';
  /** A device each time its status changes. */
  readonly deviceStatusChanged: Device;
};

/** What of a device is to be another. */
export type UpdateDeviceInput = {
  /** How its readings come. */
  readonly connectivity?: InputMaybe<Connectivity>;
  /** LoRaWAN device EUI, 16 hexadecimal digits. */
  readonly devEui?: InputMaybe<Scalars['String']['input']>;
  /** What air it measures. */
  readonly environment?: InputMaybe<Environment>;
  /** Where it stands. */
  readonly location?: InputMaybe<LocationInput>;
  /** How exactly others see where it is. */
  readonly locationPrivacy?: InputMaybe<LocationPrivacy>;
  /** For people. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** Models, all of them. */
  readonly sensors?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Words to find it by, all of them. */
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** Reached only by who it is, and by admins. */
export type User = {
  readonly __typename?: 'User';
  /** What the user signs in with. */
  readonly email: Scalars['String']['output'];
  /** Opaque. */
  readonly id: Scalars['ID']['output'];
  /** Says which scopes the user has. */
  readonly role: Role;
};

/** A user as an admin sees it. */
export type UserAccount = {
  readonly __typename?: 'UserAccount';
  readonly createdAt: Scalars['DateTime']['output'];
  /** Since when it may not sign in; null while it may. */
  readonly disabledAt?: Maybe<Scalars['DateTime']['output']>;
  /** The external provider that it signs in at; null for one that signs in here. */
  readonly externalIssuer?: Maybe<Scalars['String']['output']>;
  readonly user: User;
};

/** A page of users. */
export type UserConnection = {
  readonly __typename?: 'UserConnection';
  readonly nodes: ReadonlyArray<UserAccount>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

/** A user, with a password that was made. */
export type UserWithPassword = {
  readonly __typename?: 'UserWithPassword';
  /** Shown once, stored only as a hash; null when it was given. */
  readonly password?: Maybe<Scalars['String']['output']>;
  readonly user: User;
};

/** A polygon of the city: the unit of partitioning, aggregation and alerting. */
export type Zone = {
  readonly __typename?: 'Zone';
  /** Outer rings, each a closed list of [longitude, latitude] pairs. Empty for the zone `outside`. */
  readonly boundary: ReadonlyArray<ReadonlyArray<ReadonlyArray<Scalars['Float']['output']>>>;
  /** Devices in the zone that are not retired. */
  readonly deviceCount: Scalars['Int']['output'];
  /** As it was saved with. */
  readonly id: Scalars['ID']['output'];
  /** For people. */
  readonly name: Scalars['String']['output'];
  /** The region that the zone belongs to, as a city or a district. */
  readonly region: Scalars['String']['output'];
};

/** A zone to be saved. */
export type ZoneInput = {
  /** Outer rings, each a closed list of [longitude, latitude] pairs. */
  readonly boundary: ReadonlyArray<ReadonlyArray<ReadonlyArray<Scalars['Float']['input']>>>;
  /** 1 to 64 letters, digits, `-` or `_`; not `outside`. */
  readonly id: Scalars['ID']['input'];
  /** For people. */
  readonly name: Scalars['String']['input'];
  /** The city or district that it belongs to. */
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
  ApiKey: ResolverTypeWrapper<ApiKeyRecord>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ApiKeyWithText: ResolverTypeWrapper<Omit<ApiKeyWithText, 'key'> & { key: ResolversTypes['ApiKey'] }>;
  AuditEntry: ResolverTypeWrapper<AuditRecord>;
  AuditEntryConnection: ResolverTypeWrapper<Omit<AuditEntryConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['AuditEntry']> }>;
  AuditOutcome: AuditOutcome;
  BoundingBoxInput: BoundingBoxInput;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  ChangePasswordInput: ChangePasswordInput;
  ClaimCode: ResolverTypeWrapper<ShownClaimCode>;
  Connectivity: Connectivity;
  CreateApiKeyInput: CreateApiKeyInput;
  CreateUserInput: CreateUserInput;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Device: ResolverTypeWrapper<DeviceNow>;
  DeviceConnection: ResolverTypeWrapper<Omit<DeviceConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['Device']> }>;
  DeviceCredentials: ResolverTypeWrapper<DeviceCredentials>;
  DeviceFilter: DeviceFilter;
  DeviceStatus: DeviceStatus;
  Duration: ResolverTypeWrapper<Scalars['Duration']['output']>;
  Environment: Environment;
  Location: ResolverTypeWrapper<Location>;
  LocationInput: LocationInput;
  LocationPrivacy: LocationPrivacy;
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
  SessionPresence: SessionPresence;
  Severity: Severity;
  SignedInSession: ResolverTypeWrapper<OpenSession>;
  SigningKey: ResolverTypeWrapper<KeyState>;
  SigningKeyState: SigningKeyState;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  UpdateDeviceInput: UpdateDeviceInput;
  User: ResolverTypeWrapper<UserRecord>;
  UserAccount: ResolverTypeWrapper<StoredUser>;
  UserConnection: ResolverTypeWrapper<Omit<UserConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['UserAccount']> }>;
  UserWithPassword: ResolverTypeWrapper<Omit<UserWithPassword, 'user'> & { user: ResolversTypes['User'] }>;
  WattHours: ResolverTypeWrapper<Scalars['WattHours']['output']>;
  Zone: ResolverTypeWrapper<ZoneRecord>;
  ZoneInput: ZoneInput;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  ApiKey: ApiKeyRecord;
  Int: Scalars['Int']['output'];
  ID: Scalars['ID']['output'];
  String: Scalars['String']['output'];
  ApiKeyWithText: Omit<ApiKeyWithText, 'key'> & { key: ResolversParentTypes['ApiKey'] };
  AuditEntry: AuditRecord;
  AuditEntryConnection: Omit<AuditEntryConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['AuditEntry']> };
  BoundingBoxInput: BoundingBoxInput;
  Float: Scalars['Float']['output'];
  ChangePasswordInput: ChangePasswordInput;
  ClaimCode: ShownClaimCode;
  CreateApiKeyInput: CreateApiKeyInput;
  CreateUserInput: CreateUserInput;
  DateTime: Scalars['DateTime']['output'];
  Device: DeviceNow;
  DeviceConnection: Omit<DeviceConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['Device']> };
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
  SignedInSession: OpenSession;
  SigningKey: KeyState;
  Subscription: Record<PropertyKey, never>;
  UpdateDeviceInput: UpdateDeviceInput;
  User: UserRecord;
  UserAccount: StoredUser;
  UserConnection: Omit<UserConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['UserAccount']> };
  UserWithPassword: Omit<UserWithPassword, 'user'> & { user: ResolversParentTypes['User'] };
  WattHours: Scalars['WattHours']['output'];
  Zone: ZoneRecord;
  ZoneInput: ZoneInput;
};

export type PublicDirectiveArgs = { };

export type PublicDirectiveResolver<Result, Parent, ContextType = Context, Args = PublicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ApiKeyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ApiKey'] = ResolversParentTypes['ApiKey']> = {
  activeSecrets?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  dailyQuota?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastUsedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  revokedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  scopes?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ApiKeyWithTextResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ApiKeyWithText'] = ResolversParentTypes['ApiKeyWithText']> = {
  key?: Resolver<ResolversTypes['ApiKey'], ParentType, ContextType>;
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AuditEntryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEntry'] = ResolversParentTypes['AuditEntry']> = {
  action?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  actor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  from?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  outcome?: Resolver<ResolversTypes['AuditOutcome'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  subject?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AuditEntryConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEntryConnection'] = ResolversParentTypes['AuditEntryConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['AuditEntry']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ClaimCodeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ClaimCode'] = ResolversParentTypes['ClaimCode']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  device?: Resolver<ResolversTypes['Device'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

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
  locationPrivacy?: Resolver<ResolversTypes['LocationPrivacy'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  owner?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
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
  changePassword?: Resolver<ResolversTypes['User'], ParentType, ContextType, RequireFields<MutationChangePasswordArgs, 'input'>>;
  changeUserRole?: Resolver<ResolversTypes['User'], ParentType, ContextType, RequireFields<MutationChangeUserRoleArgs, 'id' | 'role'>>;
  claimDevice?: Resolver<ResolversTypes['Device'], ParentType, ContextType, RequireFields<MutationClaimDeviceArgs, 'code'>>;
  createApiKey?: Resolver<ResolversTypes['ApiKeyWithText'], ParentType, ContextType, RequireFields<MutationCreateApiKeyArgs, 'input'>>;
  createClaimCode?: Resolver<ResolversTypes['ClaimCode'], ParentType, ContextType, RequireFields<MutationCreateClaimCodeArgs, 'deviceId'>>;
  createUser?: Resolver<ResolversTypes['UserWithPassword'], ParentType, ContextType, RequireFields<MutationCreateUserArgs, 'input'>>;
  deleteZone?: Resolver<ResolversTypes['ID'], ParentType, ContextType, RequireFields<MutationDeleteZoneArgs, 'id'>>;
  disableUser?: Resolver<ResolversTypes['User'], ParentType, ContextType, RequireFields<MutationDisableUserArgs, 'id'>>;
  enableUser?: Resolver<ResolversTypes['User'], ParentType, ContextType, RequireFields<MutationEnableUserArgs, 'id'>>;
  refreshSession?: Resolver<ResolversTypes['Session'], ParentType, ContextType, RequireFields<MutationRefreshSessionArgs, 'refreshToken'>>;
  registerDevice?: Resolver<ResolversTypes['RegisterDevicePayload'], ParentType, ContextType, RequireFields<MutationRegisterDeviceArgs, 'input'>>;
  releaseDevice?: Resolver<ResolversTypes['Device'], ParentType, ContextType, RequireFields<MutationReleaseDeviceArgs, 'id'>>;
  resetUserPassword?: Resolver<ResolversTypes['UserWithPassword'], ParentType, ContextType, RequireFields<MutationResetUserPasswordArgs, 'id'>>;
  retireDevice?: Resolver<ResolversTypes['Device'], ParentType, ContextType, RequireFields<MutationRetireDeviceArgs, 'id'>>;
  revokeApiKey?: Resolver<ResolversTypes['ApiKey'], ParentType, ContextType, RequireFields<MutationRevokeApiKeyArgs, 'id'>>;
  revokeDeviceCredentials?: Resolver<ResolversTypes['Device'], ParentType, ContextType, RequireFields<MutationRevokeDeviceCredentialsArgs, 'id'>>;
  revokeSession?: Resolver<ResolversTypes['ID'], ParentType, ContextType, RequireFields<MutationRevokeSessionArgs, 'id'>>;
  revokeSigningKey?: Resolver<ReadonlyArray<ResolversTypes['SigningKey']>, ParentType, ContextType, RequireFields<MutationRevokeSigningKeyArgs, 'id'>>;
  rotateApiKey?: Resolver<ResolversTypes['ApiKeyWithText'], ParentType, ContextType, RequireFields<MutationRotateApiKeyArgs, 'id' | 'previousValidFor'>>;
  rotateDeviceCredentials?: Resolver<ResolversTypes['DeviceCredentials'], ParentType, ContextType, RequireFields<MutationRotateDeviceCredentialsArgs, 'id'>>;
  rotateSigningKey?: Resolver<ReadonlyArray<ResolversTypes['SigningKey']>, ParentType, ContextType>;
  saveZone?: Resolver<ResolversTypes['Zone'], ParentType, ContextType, RequireFields<MutationSaveZoneArgs, 'input'>>;
  signIn?: Resolver<ResolversTypes['Session'], ParentType, ContextType, RequireFields<MutationSignInArgs, 'email' | 'password'>>;
  signOut?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
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
  apiKeys?: Resolver<ReadonlyArray<ResolversTypes['ApiKey']>, ParentType, ContextType>;
  auditLog?: Resolver<ResolversTypes['AuditEntryConnection'], ParentType, ContextType, RequireFields<QueryAuditLogArgs, 'first'>>;
  device?: Resolver<Maybe<ResolversTypes['Device']>, ParentType, ContextType, RequireFields<QueryDeviceArgs, 'id'>>;
  devices?: Resolver<ResolversTypes['DeviceConnection'], ParentType, ContextType, RequireFields<QueryDevicesArgs, 'first'>>;
  nearestDevices?: Resolver<ReadonlyArray<ResolversTypes['NearbyDevice']>, ParentType, ContextType, RequireFields<QueryNearestDevicesArgs, 'first' | 'latitude' | 'longitude'>>;
  ownDevices?: Resolver<ReadonlyArray<ResolversTypes['Device']>, ParentType, ContextType>;
  sessions?: Resolver<ReadonlyArray<ResolversTypes['SignedInSession']>, ParentType, ContextType>;
  signingKeys?: Resolver<ReadonlyArray<ResolversTypes['SigningKey']>, ParentType, ContextType>;
  users?: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, RequireFields<QueryUsersArgs, 'first'>>;
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

export type SignedInSessionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SignedInSession'] = ResolversParentTypes['SignedInSession']> = {
  current?: Resolver<ResolversTypes['SessionPresence'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  from?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  usedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type SigningKeyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SigningKey'] = ResolversParentTypes['SigningKey']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  signsFrom?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['SigningKeyState'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  deviceStatusChanged?: SubscriptionResolver<ResolversTypes['Device'], "deviceStatusChanged", ParentType, ContextType>;
};

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  email?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
};

export type UserAccountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserAccount'] = ResolversParentTypes['UserAccount']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  disabledAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  externalIssuer?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type UserConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserConnection'] = ResolversParentTypes['UserConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['UserAccount']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UserWithPasswordResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserWithPassword'] = ResolversParentTypes['UserWithPassword']> = {
  password?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
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
  ApiKey?: ApiKeyResolvers<ContextType>;
  ApiKeyWithText?: ApiKeyWithTextResolvers<ContextType>;
  AuditEntry?: AuditEntryResolvers<ContextType>;
  AuditEntryConnection?: AuditEntryConnectionResolvers<ContextType>;
  ClaimCode?: ClaimCodeResolvers<ContextType>;
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
  SignedInSession?: SignedInSessionResolvers<ContextType>;
  SigningKey?: SigningKeyResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserAccount?: UserAccountResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  UserWithPassword?: UserWithPasswordResolvers<ContextType>;
  WattHours?: GraphQLScalarType;
  Zone?: ZoneResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  public?: PublicDirectiveResolver<any, any, ContextType>;
};
