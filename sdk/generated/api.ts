import type { SubscribeOptions } from '../going-on.ts';
import type { CallOptions, Transport } from '../transport.ts';
import type {
  AcknowledgeAlertMutation,
  AcknowledgeAlertMutationVariables,
  AddMeasurementsMutation,
  AddMeasurementsMutationVariables,
  AlertChangedSubscription,
  AlertChangedSubscriptionVariables,
  AlertsQuery,
  AlertsQueryVariables,
  CreateAlertRuleMutation,
  CreateAlertRuleMutationVariables,
  DeviceMeasurementsSubscription,
  DeviceMeasurementsSubscriptionVariables,
  DevicePanelQuery,
  DevicePanelQueryVariables,
  DeviceStatusChangedSubscription,
  DevicesQuery,
  DevicesQueryVariables,
  EnergyPlanQuery,
  EnergyPlanQueryVariables,
  HeatMapQuery,
  HeatMapQueryVariables,
  LiveMapQuery,
  LiveMapQueryVariables,
  MeasurementReceivedSubscription,
  MeasurementReceivedSubscriptionVariables,
  NearestQuery,
  NearestQueryVariables,
  RawSeriesQuery,
  RawSeriesQueryVariables,
  RegisterDeviceMutation,
  RegisterDeviceMutationVariables,
  ResolveAlertMutation,
  ResolveAlertMutationVariables,
  RetireDeviceMutation,
  RetireDeviceMutationVariables,
  RotateCredentialsMutation,
  RotateCredentialsMutationVariables,
  SignInMutation,
  SignInMutationVariables,
  UpdateDeviceMutation,
  UpdateDeviceMutationVariables,
  ZoneDashboardQuery,
  ZoneDashboardQueryVariables,
  ZonesQuery,
} from './operations.ts';

/** Operations promised to clients: queries and mutations give their data, subscriptions an event at a time. */
export interface Api {
  liveMap(variables: LiveMapQueryVariables, options?: CallOptions): Promise<LiveMapQuery>;
  devicePanel(variables: DevicePanelQueryVariables, options?: CallOptions): Promise<DevicePanelQuery>;
  rawSeries(variables: RawSeriesQueryVariables, options?: CallOptions): Promise<RawSeriesQuery>;
  devices(variables?: DevicesQueryVariables, options?: CallOptions): Promise<DevicesQuery>;
  nearest(variables: NearestQueryVariables, options?: CallOptions): Promise<NearestQuery>;
  zoneDashboard(variables: ZoneDashboardQueryVariables, options?: CallOptions): Promise<ZoneDashboardQuery>;
  zones(options?: CallOptions): Promise<ZonesQuery>;
  heatMap(variables: HeatMapQueryVariables, options?: CallOptions): Promise<HeatMapQuery>;
  energyPlan(variables: EnergyPlanQueryVariables, options?: CallOptions): Promise<EnergyPlanQuery>;
  alerts(variables: AlertsQueryVariables, options?: CallOptions): Promise<AlertsQuery>;
  signIn(variables: SignInMutationVariables, options?: CallOptions): Promise<SignInMutation>;
  registerDevice(variables: RegisterDeviceMutationVariables, options?: CallOptions): Promise<RegisterDeviceMutation>;
  updateDevice(variables: UpdateDeviceMutationVariables, options?: CallOptions): Promise<UpdateDeviceMutation>;
  rotateCredentials(variables: RotateCredentialsMutationVariables, options?: CallOptions): Promise<RotateCredentialsMutation>;
  retireDevice(variables: RetireDeviceMutationVariables, options?: CallOptions): Promise<RetireDeviceMutation>;
  addMeasurements(variables: AddMeasurementsMutationVariables, options?: CallOptions): Promise<AddMeasurementsMutation>;
  createAlertRule(variables: CreateAlertRuleMutationVariables, options?: CallOptions): Promise<CreateAlertRuleMutation>;
  acknowledgeAlert(variables: AcknowledgeAlertMutationVariables, options?: CallOptions): Promise<AcknowledgeAlertMutation>;
  resolveAlert(variables: ResolveAlertMutationVariables, options?: CallOptions): Promise<ResolveAlertMutation>;
  measurementReceived(variables?: MeasurementReceivedSubscriptionVariables, options?: SubscribeOptions): AsyncGenerator<MeasurementReceivedSubscription, void, undefined>;
  deviceMeasurements(variables: DeviceMeasurementsSubscriptionVariables, options?: SubscribeOptions): AsyncGenerator<DeviceMeasurementsSubscription, void, undefined>;
  alertChanged(variables?: AlertChangedSubscriptionVariables, options?: SubscribeOptions): AsyncGenerator<AlertChangedSubscription, void, undefined>;
  deviceStatusChanged(options?: SubscribeOptions): AsyncGenerator<DeviceStatusChangedSubscription, void, undefined>;
}

/** The functions over a transport. */
export function apiOf(transport: Transport): Api {
  return {
    liveMap: (variables, options) =>
      transport.call({ kind: 'query', id: '9001b3495c2eebab3986114d69a1804749323296b973bab7351ab95534c18c95' }, variables, options),
    devicePanel: (variables, options) =>
      transport.call({ kind: 'query', id: 'd9114c9681782ee32635b1dd6ca330585dcda258fba24bdec5f600abe572c483' }, variables, options),
    rawSeries: (variables, options) =>
      transport.call({ kind: 'query', id: 'f3f80222ceaf754caa1163616568b3eafb0c132a53e8e69f750a26002c4169cd' }, variables, options),
    devices: (variables = {}, options) =>
      transport.call({ kind: 'query', id: 'fbcf2c383892c4d7064aa8f78095cdef9bb412ed2184522214312cac5850d6b5' }, variables, options),
    nearest: (variables, options) =>
      transport.call({ kind: 'query', id: '5f829a65a0b2a01ec4d371b5a692abd096883e77fa9c973e9af91f0e169b7598' }, variables, options),
    zoneDashboard: (variables, options) =>
      transport.call({ kind: 'query', id: '1db4022f8dce16f4b7c24335b78d78bcb5dc4973ca91956d85be6140315e63c0' }, variables, options),
    zones: (options) =>
      transport.call({ kind: 'query', id: '066d9b189389f7287eee29ad944db57d637f5764cc1c3e02d052cd72ae97a175' }, {}, options),
    heatMap: (variables, options) =>
      transport.call({ kind: 'query', id: '29b58423634bb56841258140a9fe3174687ae1b3820929ee32fcf0ca46d7b14a' }, variables, options),
    energyPlan: (variables, options) =>
      transport.call({ kind: 'query', id: 'c0170d25cb29f6e50006c9b390b1205f3c5be71d3a2f687100a8792f06c76067' }, variables, options),
    alerts: (variables, options) =>
      transport.call({ kind: 'query', id: 'c3bd29e72bf9a40b36b67dce1cff74a33c5bc2b5427f21e6d8f1fc9a97ff96d2' }, variables, options),
    signIn: (variables, options) =>
      transport.call({ kind: 'mutation', id: '70c6c62b4102c152441e4b526279fead9459d440f925b1356f95800a68a6a8b2' }, variables, options),
    registerDevice: (variables, options) =>
      transport.call({ kind: 'mutation', id: '6214464abe0421cca4570549324395f563a9da65e00ed8d3d64ffa500c697c03' }, variables, options),
    updateDevice: (variables, options) =>
      transport.call({ kind: 'mutation', id: '71a4c08f1d00e936e22d6c9a74e6b9ba14da9db39c45058afcdc7afed81294c8' }, variables, options),
    rotateCredentials: (variables, options) =>
      transport.call({ kind: 'mutation', id: '6449f2d8ce0c78ae3ea60dd097a12361cf5f661227ba27cf2d334ad36f190f90' }, variables, options),
    retireDevice: (variables, options) =>
      transport.call({ kind: 'mutation', id: 'b55846c85d82f1debde08c93d8c968b70a5f2a1091b5ec779f5df946be9d64c5' }, variables, options),
    addMeasurements: (variables, options) =>
      transport.call({ kind: 'mutation', id: '31da31a046fd9b39662f4b71b14eb7383dfc0aff824df0c7d6261e7e74bea2e8' }, variables, options),
    createAlertRule: (variables, options) =>
      transport.call({ kind: 'mutation', id: 'da44b81aaba0352b9599e144bbc7efff7e46ad20f79f80838acf9dccb8d06cf3' }, variables, options),
    acknowledgeAlert: (variables, options) =>
      transport.call({ kind: 'mutation', id: 'fd8d7d21f2b773320fbcf5fa1970e74709a6c2fb5312494cc140f1215cd28af9' }, variables, options),
    resolveAlert: (variables, options) =>
      transport.call({ kind: 'mutation', id: '3fddc379d1ebac0a9ef25364f5b9841724b3c8cec9886ba4a6b6acffcf5f5d9a' }, variables, options),
    measurementReceived: (variables = {}, options) =>
      transport.subscribe({ kind: 'subscription', id: 'd47d108c1a2ba96ec4d21638d227cf89608da9d79e884428ba8f0c7173e773f1' }, variables, options),
    deviceMeasurements: (variables, options) =>
      transport.subscribe({ kind: 'subscription', id: '532d03db988e8bdf6bf1e2d572c0a5648af416a2a6a9e6eca4475f116dc34e0f' }, variables, options),
    alertChanged: (variables = {}, options) =>
      transport.subscribe({ kind: 'subscription', id: '6e727d66646d0345bb553eb945d84f1465d7e9b19d5ae9fe7b66f8e10869e8a8' }, variables, options),
    deviceStatusChanged: (options) =>
      transport.subscribe({ kind: 'subscription', id: 'ae18ed9351e83bc4099e833f5a70a6eb8f4e414291460970740fd5ad2f671521' }, {}, options),
  };
}
