import { expect, it } from 'vitest';
import { knownId, knownIds } from './known-ids.ts';

it('are those of the city at hand, of lists and of pages; what is empty or refused is left out', async () => {
  const answers: Readonly<Record<string, () => Response>> = {
    '/api/v1/devices?first=1': () => Response.json({ nodes: [{ id: 'sim-001' }] }),
    '/api/v1/alerts?first=1': () => Response.json({ nodes: [] }),
    '/api/v1/zones': () => Response.json([{ id: 'harbour' }, { id: 'centre' }]),
  };
  const known = await knownIds('/api/v1', async (address) => answers[address]?.() ?? new Response('<html>'));
  expect(known).toEqual({ devices: 'sim-001', zones: 'harbour' });
  expect(knownId('/devices/{id}/series', known)).toBe('sim-001');
  expect(knownId('/zones/{id}', known)).toBe('harbour');
  expect(knownId('/alerts/{id}/acknowledge', known)).toBeUndefined();
  expect(knownId('/devices', known)).toBeUndefined();
  expect(await knownIds('/api/v1', () => Promise.reject(new Error('away')))).toEqual({});
});
