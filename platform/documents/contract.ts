import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Collection, CollectionOptions, Documents, Find, Place } from './port.ts';

interface City {
  readonly name: string;
  readonly country: string;
  readonly code?: string;
  readonly residents?: number;
  readonly place?: Place;
}

const CITIES: CollectionOptions<City> = {
  name: 'cities',
  unique: { code: (city) => city.code },
  indexed: { country: (city) => city.country, residents: (city) => city.residents },
  place: (city) => city.place,
  searchText: (city) => `${city.name} ${city.country}`,
};

export interface DocumentsUnderTest {
  /** Opens the same documents each time: what was written before is there. */
  reopen(): Promise<Documents>;
  dispose(): Promise<void>;
}

const aCity = (city: Partial<City> = {}): City => ({ name: 'Aberdeen', country: 'GB', ...city });
const at = (latitude: number, longitude: number): Place => ({ latitude, longitude });

/** The promises of the documents port, run against any adapter. `open` gives documents that nobody else uses. @param more of the collection's definition */
export function documentsContract(
  name: string,
  open: () => Promise<DocumentsUnderTest>,
  more: Pick<CollectionOptions<City>, 'region'> = {},
): void {
  const options = { ...CITIES, ...more };
  describe(`${name} keeps the documents' promises`, () => {
    let under: DocumentsUnderTest;
    let documents: Documents;
    let cities: Collection<City>;

    beforeEach(async () => {
      under = await open();
      documents = await under.reopen();
      cities = await documents.collection(options);
    });
    afterEach(async () => {
      await documents.close();
      await under.dispose();
    });

    const fill = (count: number, city: (index: number) => Partial<City> = () => ({})) =>
      cities.putMany(Array.from({ length: count }, (_, index) => ({ id: `c${index}`, document: aCity(city(index)) })));
    const ids = async (query: Partial<Find> = {}) =>
      (await cities.find({ first: 1_000, ...query })).items.map((item) => item.id);

    it('answers a ping', async () => {
      await expect(documents.ping()).resolves.toBeUndefined();
    });

    describe('one document', () => {
      it('is found by its id with its version, also after opening anew', async () => {
        await cities.insert('abz', aCity({ residents: 198_590 }));
        await documents.close();
        documents = await under.reopen();
        cities = await documents.collection(options);
        expect(await cities.get('abz')).toEqual({ id: 'abz', version: 1, document: aCity({ residents: 198_590 }) });
        expect(await cities.get('nowhere')).toBeUndefined();
      });

      it('cannot be inserted twice', async () => {
        await cities.insert('abz', aCity());
        await expect(cities.insert('abz', aCity({ name: 'Other' }))).rejects.toMatchObject({ code: 'CONFLICT' });
        expect((await cities.get('abz'))?.document.name).toBe('Aberdeen');
      });

      it('is replaced only against the version that was read', async () => {
        await cities.insert('abz', aCity());
        expect(await cities.replace('abz', 1, aCity({ residents: 1 }))).toMatchObject({ version: 2 });
        await expect(cities.replace('abz', 1, aCity({ residents: 2 }))).rejects.toMatchObject({ code: 'CONFLICT' });
        await expect(cities.replace('nowhere', 1, aCity())).rejects.toMatchObject({ code: 'NOT_FOUND' });
        expect(await cities.get('abz')).toEqual({ id: 'abz', version: 2, document: aCity({ residents: 1 }) });
      });

      it('lets one of two that change it at once win', async () => {
        await cities.insert('abz', aCity());
        const both = await Promise.allSettled([
          cities.replace('abz', 1, aCity({ name: 'A' })),
          cities.replace('abz', 1, aCity({ name: 'B' })),
        ]);
        expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      });

      it('is deleted once', async () => {
        await cities.insert('abz', aCity());
        expect(await cities.delete('abz')).toBe(true);
        expect(await cities.delete('abz')).toBe(false);
        expect(await cities.get('abz')).toBeUndefined();
      });

      it('keeps text of any kind as it is', async () => {
        const odd = `O'Brien "x" %_\\ ; DROP TABLE -- 日本 \u0000 🚲`;
        await cities.insert(odd, aCity({ name: odd, country: odd, code: odd }));
        expect((await cities.get(odd))?.document.name).toBe(odd);
        expect((await cities.getBy('code', odd))?.id).toBe(odd);
        expect(await ids({ where: { country: odd } })).toEqual([odd]);
      });
    });

    describe('a unique key', () => {
      it('finds its document', async () => {
        await cities.insert('a', aCity({ code: 'ABZ' }));
        expect((await cities.getBy('code', 'ABZ'))?.id).toBe('a');
        expect(await cities.getBy('code', 'abz')).toBeUndefined();
      });

      it('refuses the second, naming the index, and leaves everything as it was', async () => {
        await cities.insert('a', aCity({ code: 'ABZ' }));
        await cities.insert('b', aCity({ code: 'EDI' }));
        const refusal = { code: 'CONFLICT', subject: expect.stringContaining('code') };
        await expect(cities.insert('c', aCity({ code: 'ABZ' }))).rejects.toMatchObject(refusal);
        await expect(cities.replace('b', 1, aCity({ code: 'ABZ' }))).rejects.toMatchObject(refusal);
        const many = ['d', 'e'].map((id) => ({ id, document: aCity({ code: 'NEW' }) }));
        await expect(cities.putMany(many)).rejects.toMatchObject(refusal);
        expect(await ids()).toEqual(['a', 'b']);
      });

      it('is free again when its document goes or takes another', async () => {
        await cities.insert('a', aCity({ code: 'ABZ' }));
        await cities.replace('a', 1, aCity({ code: 'EDI' }));
        await cities.insert('b', aCity({ code: 'ABZ' }));
        await cities.delete('b');
        await cities.insert('c', aCity({ code: 'ABZ' }));
      });

      it('may be missing in many', async () => {
        await fill(3);
        expect(await ids()).toHaveLength(3);
      });
    });

    describe('many documents', () => {
      it('are written in one step, whatever their versions were', async () => {
        await cities.insert('c0', aCity({ name: 'Old' }));
        await fill(2_000, (index) => ({ name: `New ${index}` }));
        expect(await cities.get('c0')).toEqual({ id: 'c0', version: 2, document: aCity({ name: 'New 0' }) });
        expect((await cities.find({ first: 1 })).totalCount).toBe(2_000);
        await cities.putMany([]);
      });

      it('are written and removed in the same step, or not at all', async () => {
        await cities.insert('old', aCity({ code: 'ABZ' }));
        await cities.insert('other', aCity({ code: 'EDI' }));
        const taken = [{ id: 'new', document: aCity({ code: 'EDI' }) }];
        await expect(cities.putMany(taken, ['old'])).rejects.toMatchObject({ code: 'CONFLICT' });
        expect(await ids()).toEqual(['old', 'other']);
        await cities.putMany([{ id: 'new', document: aCity({ code: 'ABZ' }) }], ['old', 'nowhere']);
        expect(await ids()).toEqual(['new', 'other']);
        await cities.putMany([], ['new']);
        expect(await ids()).toEqual(['other']);
      });

      it('come in the order they are asked for, with gaps', async () => {
        await fill(3);
        const found = await cities.getMany(['c2', 'nowhere', 'c0', 'c2']);
        expect(found.map((item) => item?.id)).toEqual(['c2', undefined, 'c0', 'c2']);
        expect(await cities.getMany([])).toEqual([]);
      });
    });

    describe('find', () => {
      it('takes what equals a value, or one of the values', async () => {
        await fill(6, (index) => ({ country: ['GB', 'FR', 'DE'][index % 3] ?? '', residents: index }));
        expect(await ids({ where: { country: 'FR' } })).toEqual(['c1', 'c4']);
        expect(await ids({ where: { country: ['FR', 'DE'], residents: [1, 5] } })).toEqual(['c1', 'c5']);
        expect(await ids({ where: { country: [] } })).toEqual([]);
        expect(await ids({ where: { residents: '1' } })).toEqual([]);
      });

      it('orders numbers as numbers; what has none comes first, or last when descending', async () => {
        await fill(4, (index) => ({
          ...([9, 10, undefined, -1][index] !== undefined && { residents: [9, 10, 0, -1][index] ?? 0 }),
        }));
        const orderBy = { field: 'residents', direction: 'ascending' } as const;
        expect(await ids({ orderBy })).toEqual(['c2', 'c3', 'c0', 'c1']);
        expect(await ids({ orderBy: { ...orderBy, direction: 'descending' } })).toEqual(['c1', 'c0', 'c3', 'c2']);
      });

      it.each(['ascending', 'descending'] as const)(
        'pages through all once, in %s order, ties and gaps included',
        async (direction) => {
          await fill(25, (index) => (index % 5 === 4 ? {} : { residents: index % 3 }));
          const orderBy = { field: 'residents', direction };
          const whole = await ids({ orderBy });
          const seen: string[] = [];
          let after: string | undefined;
          do {
            const page = await cities.find({ first: 4, orderBy, ...(after && { after }) });
            expect(page.totalCount).toBe(25);
            seen.push(...page.items.map((item) => item.id));
            after = page.hasNextPage ? page.endCursor : undefined;
          } while (after);
          expect(seen).toEqual(whole);
          expect(new Set(seen).size).toBe(25);
        },
      );

      it('keeps its place while others insert before and behind it', async () => {
        await fill(4);
        const one = await cities.find({ first: 2 });
        await cities.insert('a-before', aCity());
        await cities.insert('c9-behind', aCity());
        const two = await cities.find({ first: 10, ...(one.endCursor && { after: one.endCursor }) });
        expect(two.items.map((item) => item.id)).toEqual(['c2', 'c3', 'c9-behind']);
        expect(two.hasNextPage).toBe(false);
      });

      it('says where a page ends and whether there is more', async () => {
        expect(await cities.find({ first: 3 })).toEqual({
          items: [],
          totalCount: 0,
          endCursor: undefined,
          hasNextPage: false,
        });
        await fill(3);
        expect(await cities.find({ first: 3 })).toMatchObject({ totalCount: 3, hasNextPage: false });
        expect(await cities.find({ first: 2 })).toMatchObject({ totalCount: 3, hasNextPage: true });
      });

      it('refuses a cursor that is not one of its own', async () => {
        await fill(3);
        const { endCursor = '' } = await cities.find({
          first: 1,
          orderBy: { field: 'country', direction: 'ascending' },
        });
        for (const after of ['', 'x', endCursor, `${endCursor}x`, 'W10', 'x'.repeat(10_000)]) {
          await expect(cities.find({ first: 1, after })).rejects.toMatchObject({ code: 'BAD_CURSOR' });
        }
      });

      it('searches text without minding case, and takes every character as it is', async () => {
        await fill(4, (index) => ({ name: ['Zürich', '100 % air', 'a_b', 'A\\B'][index] ?? '' }));
        expect(await ids({ search: 'ZÜR' })).toEqual(['c0']);
        expect(await ids({ search: '%' })).toEqual(['c1']);
        expect(await ids({ search: '_' })).toEqual(['c2']);
        expect(await ids({ search: '\\' })).toEqual(['c3']);
        expect(await ids({ search: "' OR 1=1 --" })).toEqual([]);
      });
    });

    describe('places', () => {
      it('within a box, its edges included, also across the antimeridian', async () => {
        await fill(6, (index) => ({
          place:
            [at(57, -2), at(58, -1), at(58.001, -1), at(-17, 179.5), at(-17, -179.5), at(-17, 0)][index] ?? at(0, 0),
        }));
        await cities.insert('nowhere', aCity());
        expect(await ids({ within: { south: 57, north: 58, west: -2, east: -1 } })).toEqual(['c0', 'c1']);
        expect(await ids({ within: { south: -20, north: 0, west: 179, east: -179 } })).toEqual(['c3', 'c4']);
      });

      it('nearest first, by the great circle', async () => {
        await cities.putMany([
          { id: 'london', document: aCity({ place: at(51.5074, -0.1278) }) },
          { id: 'paris', document: aCity({ place: at(48.8566, 2.3522) }) },
          { id: 'berlin', document: aCity({ place: at(52.52, 13.405) }) },
          { id: 'nowhere', document: aCity() },
        ]);
        const near = await cities.nearest(at(50.8503, 4.3517), 2);
        expect(near.map((item) => item.id)).toEqual(['paris', 'london']);
        // Brussels to Paris is 264 km, to London 321 km.
        expect(near[0]?.distanceM).toBeGreaterThan(262_000);
        expect(near[0]?.distanceM).toBeLessThan(266_000);
        expect((await cities.nearest(at(50.8503, 4.3517), 10)).map((item) => item.id)).toEqual([
          'paris',
          'london',
          'berlin',
        ]);
      });

      it('nearest over the antimeridian, over a pole, and half the world away', async () => {
        await cities.putMany([
          { id: 'fiji', document: aCity({ place: at(-17, 179.9) }) },
          { id: 'samoa', document: aCity({ place: at(-17, -175) }) },
          { id: 'arctic', document: aCity({ place: at(89.9, 90) }) },
          { id: 'antipode', document: aCity({ place: at(0, 180) }) },
        ]);
        expect((await cities.nearest(at(-17, -179.9), 2)).map((item) => item.id)).toEqual(['fiji', 'samoa']);
        expect((await cities.nearest(at(89.9, -90), 1)).map((item) => item.id)).toEqual(['arctic']);
        expect(await cities.nearest(at(0, 0), 10)).toHaveLength(4);
      });
    });

    describe('a collection', () => {
      it('is apart from the others', async () => {
        const others = await documents.collection<City>({ name: 'other-cities' });
        await cities.insert('a', aCity());
        expect(await others.get('a')).toBeUndefined();
        await others.insert('a', aCity({ name: 'Other' }));
        expect((await cities.get('a'))?.document.name).toBe('Aberdeen');
      });

      it('answers new questions about old documents when its definition has changed, and keeps their versions', async () => {
        await cities.insert('a', aCity({ name: 'Aberdeen', code: 'ABZ' }));
        await cities.replace('a', 1, aCity({ name: 'Aberdeen', code: 'ABZ', place: at(57, -2) }));
        await documents.close();
        documents = await under.reopen();
        const changed = await documents.collection<City>({
          name: 'cities',
          unique: { name: (city) => city.name },
          indexed: { letters: (city) => city.name.length },
          searchText: (city) => city.code ?? '',
        });
        expect(await changed.getBy('name', 'Aberdeen')).toMatchObject({ id: 'a', version: 2 });
        expect((await changed.find({ first: 1, where: { letters: 8 }, search: 'abz' })).items).toHaveLength(1);
        await expect(changed.insert('b', aCity({ name: 'Aberdeen' }))).rejects.toMatchObject({ code: 'CONFLICT' });
        await changed.insert('c', aCity({ name: 'Other', code: 'ABZ' }));
      });

      it('stays as it was when the new definition cannot hold', async () => {
        await fill(2, () => ({ name: 'Same' }));
        await documents.close();
        documents = await under.reopen();
        const unique = { name: (city: City) => city.name };
        await expect(documents.collection<City>({ name: 'cities', unique })).rejects.toMatchObject({
          code: 'CONFLICT',
        });
        cities = await documents.collection(options);
        expect(await ids()).toEqual(['c0', 'c1']);
      });

      it('refuses calls after the documents are closed', async () => {
        await documents.close();
        await documents.close();
        await expect(cities.get('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      });
    });
  });
}
