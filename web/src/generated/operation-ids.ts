/** Ids of the operations that the client sends, by name. */
export const OPERATION_IDS: Readonly<Record<string, string>> = {
  City: '972af86ef72e483fcc7ee004c603cacdfc1cf49abf3de171ff77b69237004f0e',
  LiveMap: '6e24ff1fcda6b23c1d97b77e292af3263e2b79db1f0aea937662e28cab545243',
  MeasurementReceived: '828004fb0744cfbf0c52624fad1ad554f82ccec997346fb1fa616f452844b324',
  Panel: 'b812a78dcf1ecb2671f1f41c0ad6f137057b6b49c5c87636276444929d99c6e9',
};
