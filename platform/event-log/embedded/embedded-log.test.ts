import { eventLogContract } from '../contract.ts';
import { logFolder } from '../fixtures/log-folder.ts';

eventLogContract('the embedded log', async () => {
  const folder = logFolder();
  return { open: () => folder.open(), pass: folder.clock.advance, end: async () => folder.remove() };
});

eventLogContract('the embedded log with tiny segments and hardly any memory', async () => {
  const folder = logFolder();
  const tiny = { segmentBytesMax: 256, tail: { keptBytes: 1, bytesMax: 1 } };
  return { open: () => folder.open(tiny), pass: folder.clock.advance, end: async () => folder.remove() };
});
