import type { Transport } from '../transport.ts';
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
  liveMap(variables: LiveMapQueryVariables): Promise<LiveMapQuery>;
  devicePanel(variables: DevicePanelQueryVariables): Promise<DevicePanelQuery>;
  rawSeries(variables: RawSeriesQueryVariables): Promise<RawSeriesQuery>;
  devices(variables?: DevicesQueryVariables): Promise<DevicesQuery>;
  nearest(variables: NearestQueryVariables): Promise<NearestQuery>;
  zoneDashboard(variables: ZoneDashboardQueryVariables): Promise<ZoneDashboardQuery>;
  zones(): Promise<ZonesQuery>;
  heatMap(variables: HeatMapQueryVariables): Promise<HeatMapQuery>;
  energyPlan(variables: EnergyPlanQueryVariables): Promise<EnergyPlanQuery>;
  alerts(variables: AlertsQueryVariables): Promise<AlertsQuery>;
  signIn(variables: SignInMutationVariables): Promise<SignInMutation>;
  registerDevice(variables: RegisterDeviceMutationVariables): Promise<RegisterDeviceMutation>;
  updateDevice(variables: UpdateDeviceMutationVariables): Promise<UpdateDeviceMutation>;
  rotateCredentials(variables: RotateCredentialsMutationVariables): Promise<RotateCredentialsMutation>;
  retireDevice(variables: RetireDeviceMutationVariables): Promise<RetireDeviceMutation>;
  addMeasurements(variables: AddMeasurementsMutationVariables): Promise<AddMeasurementsMutation>;
  createAlertRule(variables: CreateAlertRuleMutationVariables): Promise<CreateAlertRuleMutation>;
  acknowledgeAlert(variables: AcknowledgeAlertMutationVariables): Promise<AcknowledgeAlertMutation>;
  resolveAlert(variables: ResolveAlertMutationVariables): Promise<ResolveAlertMutation>;
  measurementReceived(variables?: MeasurementReceivedSubscriptionVariables): AsyncGenerator<MeasurementReceivedSubscription, void, undefined>;
  deviceMeasurements(variables: DeviceMeasurementsSubscriptionVariables): AsyncGenerator<DeviceMeasurementsSubscription, void, undefined>;
  alertChanged(variables?: AlertChangedSubscriptionVariables): AsyncGenerator<AlertChangedSubscription, void, undefined>;
  deviceStatusChanged(): AsyncGenerator<DeviceStatusChangedSubscription, void, undefined>;
}

/** The functions over a transport. */
export function apiOf(transport: Transport): Api {
  return {
    liveMap: (variables) =>
      transport.call({ kind: 'query', id: '9001b3495c2eebab3986114d69a1804749323296b973bab7351ab95534c18c95' }, variables),
    devicePanel: (variables) =>
      transport.call({ kind: 'query', id: 'd9114c9681782ee32635b1dd6ca330585dcda258fba24bdec5f600abe572c483' }, variables),
    rawSeries: (variables) =>
      transport.call({ kind: 'query', id: 'f3f80222ceaf754caa1163616568b3eafb0c132a53e8e69f750a26002c4169cd' }, variables),
    devices: (variables = {}) =>
      transport.call({ kind: 'query', id: 'fbcf2c383892c4d7064aa8f78095cdef9bb412ed2184522214312cac5850d6b5' }, variables),
    nearest: (variables) =>
      transport.call({ kind: 'query', id: '5f829a65a0b2a01ec4d371b5a692abd096883e77fa9c973e9af91f0e169b7598' }, variables),
    zoneDashboard: (variables) =>
      transport.call({ kind: 'query', id: '1db4022f8dce16f4b7c24335b78d78bcb5dc4973ca91956d85be6140315e63c0' }, variables),
    zones: () =>
      transport.call({ kind: 'query', id: '066d9b189389f7287eee29ad944db57d637f5764cc1c3e02d052cd72ae97a175' }, {}),
    heatMap: (variables) =>
      transport.call({ kind: 'query', id: '29b58423634bb56841258140a9fe3174687ae1b3820929ee32fcf0ca46d7b14a' }, variables),
    energyPlan: (variables) =>
      transport.call({ kind: 'query', id: 'c0170d25cb29f6e50006c9b390b1205f3c5be71d3a2f687100a8792f06c76067' }, variables),
    alerts: (variables) =>
      transport.call({ kind: 'query', id: 'c3bd29e72bf9a40b36b67dce1cff74a33c5bc2b5427f21e6d8f1fc9a97ff96d2' }, variables),
    signIn: (variables) =>
      transport.call({ kind: 'mutation', id: '70c6c62b4102c152441e4b526279fead9459d440f925b1356f95800a68a6a8b2' }, variables),
    registerDevice: (variables) =>
      transport.call({ kind: 'mutation', id: '6214464abe0421cca4570549324395f563a9da65e00ed8d3d64ffa500c697c03' }, variables),
    updateDevice: (variables) =>
      transport.call({ kind: 'mutation', id: '71a4c08f1d00e936e22d6c9a74e6b9ba14da9db39c45058afcdc7afed81294c8' }, variables),
    rotateCredentials: (variables) =>
      transport.call({ kind: 'mutation', id: '6449f2d8ce0c78ae3ea60dd097a12361cf5f661227ba27cf2d334ad36f190f90' }, variables),
    retireDevice: (variables) =>
      transport.call({ kind: 'mutation', id: 'b55846c85d82f1debde08c93d8c968b70a5f2a1091b5ec779f5df946be9d64c5' }, variables),
    addMeasurements: (variables) =>
      transport.call({ kind: 'mutation', id: '31da31a046fd9b39662f4b71b14eb7383dfc0aff824df0c7d6261e7e74bea2e8' }, variables),
    createAlertRule: (variables) =>
      transport.call({ kind: 'mutation', id: 'da44b81aaba0352b9599e144bbc7efff7e46ad20f79f80838acf9dccb8d06cf3' }, variables),
    acknowledgeAlert: (variables) =>
      transport.call({ kind: 'mutation', id: 'fd8d7d21f2b773320fbcf5fa1970e74709a6c2fb5312494cc140f1215cd28af9' }, variables),
    resolveAlert: (variables) =>
      transport.call({ kind: 'mutation', id: '3fddc379d1ebac0a9ef25364f5b9841724b3c8cec9886ba4a6b6acffcf5f5d9a' }, variables),
    measurementReceived: (variables = {}) =>
      transport.subscribe({ kind: 'subscription', id: 'd47d108c1a2ba96ec4d21638d227cf89608da9d79e884428ba8f0c7173e773f1' }, variables),
    deviceMeasurements: (variables) =>
      transport.subscribe({ kind: 'subscription', id: '532d03db988e8bdf6bf1e2d572c0a5648af416a2a6a9e6eca4475f116dc34e0f' }, variables),
    alertChanged: (variables = {}) =>
      transport.subscribe({ kind: 'subscription', id: '6e727d66646d0345bb553eb945d84f1465d7e9b19d5ae9fe7b66f8e10869e8a8' }, variables),
    deviceStatusChanged: () =>
      transport.subscribe({ kind: 'subscription', id: 'ae18ed9351e83bc4099e833f5a70a6eb8f4e414291460970740fd5ad2f671521' }, {}),
  };
}
