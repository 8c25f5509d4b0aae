import { composeServices } from '@apollo/composition';
import { subgraphSchema, subgraphSdl } from '@greencity/platform/graphql/subgraph-schema';
import { buildSchema, type GraphQLSchema, isAbstractType, parse, printSchema } from 'graphql';
import { FEDERATION } from './composed.ts';
import { type DreamOptions, dreamOn } from './dreamt-data.ts';

/** A supergraph whose subgraphs dream, and the monolith that dreams the same. */
export interface World {
  readonly name: string;
  readonly supergraphSdl: string;
  readonly subgraphs: readonly { readonly name: string; readonly schema: GraphQLSchema }[];
  readonly monolith: GraphQLSchema;
}

interface Service {
  readonly name: string;
  readonly sdl: string;
}

function world(
  name: string,
  services: readonly Service[],
  options: Pick<DreamOptions, 'entities' | 'failOneIn'>,
): World {
  const result = composeServices(
    services.map((service) => ({ ...service, url: 'http://x.invalid', typeDefs: parse(service.sdl) })),
  );
  if (result.errors) throw new Error(`${name}: ${result.errors.map(({ message }) => message).join('\n')}`);
  const api = buildSchema(printSchema(result.schema.toAPISchema().toGraphQLJSSchema()));
  const possible: Record<string, readonly string[]> = {};
  for (const type of Object.values(api.getTypeMap())) {
    if (isAbstractType(type))
      possible[type.name] = api
        .getPossibleTypes(type)
        .map((each) => each.name)
        .sort();
  }
  const solid = new Set([...options.entities].map((entity) => `${entity}.id`));
  const dream: DreamOptions = { ...options, possible, solid };
  return {
    name,
    supergraphSdl: result.supergraphSdl,
    monolith: dreamOn(api, dream),
    subgraphs: services.map((service) => ({
      name: service.name,
      schema: dreamOn(subgraphSchema(service.sdl, {}), dream),
    })),
  };
}

/** Our own four subgraphs. Their scalars pass as they are, since dreamt values are not theirs. */
export function cityWorld(failOneIn: number): World {
  const services = ['alerts', 'devices', 'measurements', 'predictions'].map((name) => ({
    name,
    sdl: subgraphSdl(new URL(`../../subgraphs/${name}/schema.graphql`, import.meta.url)),
  }));
  return world('city', services, { entities: new Set(['Device', 'Zone', 'Alert', 'AlertRule']), failOneIn });
}

const ANIMALS_A = `${FEDERATION}
  type Query { pets: [Pet!]! pet(index: Int = 3): Pet keeper: Keeper things: [Thing] favourite: Named }
  interface Named { name: String }
  interface Pet implements Named @key(fields: "id") { id: ID! name: String weight: Float! keeper: Keeper! }
  type Cat implements Pet & Named @key(fields: "id") { id: ID! name: String weight: Float! keeper: Keeper! lives: Int! toys: [Toy!] @shareable }
  type Dog implements Pet & Named @key(fields: "id") { id: ID! name: String weight: Float! keeper: Keeper! tricks(most: Int! = 2): [String!]! }
  type Keeper @key(fields: "id") { id: ID! pets: [Pet] best: Pet }
  type Toy @shareable { label: String! size: Size }
  type Size @shareable { height: Float width: Float! }
  union Thing = Toy | Keeper | Cat`;
const ANIMALS_B = `${FEDERATION}
  type Query { keepers: [Keeper!]! thing: Other }
  type Cat @key(fields: "id") { id: ID! mood(at: String): String toys: [Toy!] @shareable friend: Cat rivals: [Dog!] }
  type Dog @key(fields: "id") { id: ID! owner: Keeper bones: [[Bone!]]! }
  type Bone { size: Size buriedBy: Dog! depth: Float! }
  type Keeper @key(fields: "id") { id: ID! name: String! age: Int friends: [Keeper!] house: House! }
  type House { rooms: [Room] size: Size! }
  type Room { label: String cat: Cat }
  type Toy @shareable { label: String! size: Size }
  type Size @shareable { height: Float width: Float! }
  union Other = Toy | Keeper`;

const SHOP_A = `${FEDERATION}
  type Query { item(id: ID!): Item items(filter: Filter): [Item!] }
  input Filter { min: Float = 1.5 names: [String!] nested: Filter kind: Kind! = BIG }
  enum Kind { BIG SMALL }
  type Item @key(fields: "id") { id: ID! kind: Kind! parts: [Part!]! maker: Maker similar(first: Int! = 2): [Item!] }
  type Part { item: Item! count: Int! maker: Maker! }
  type Maker @key(fields: "id") { id: ID! label: String }`;
const SHOP_B = `${FEDERATION}
  type Item @key(fields: "id") { id: ID! price(kind: Kind): Float stock: Stock! reviews(filter: Filter): [Review] }
  enum Kind { BIG SMALL }
  input Filter { min: Float = 1.5 names: [String!] nested: Filter kind: Kind! = BIG }
  type Stock { count: Int! warehouse: Warehouse! }
  type Warehouse @key(fields: "id") { id: ID! city: String! items: [Item!] }
  type Review { text: String! about: Item! by: Maker }
  type Maker @key(fields: "id") { id: ID! reviews: [Review!]! }`;
const SHOP_C = `${FEDERATION}
  type Query { warehouses: [Warehouse!]! }
  type Warehouse @key(fields: "id") { id: ID! capacity: Int makers: [Maker] }
  type Maker @key(fields: "id") { id: ID! country: String! best: Item }
  type Item @key(fields: "id") { id: ID! heavy: Boolean! }`;

/** Supergraphs to try operations on. */
export function worlds(failOneIn: number): readonly World[] {
  return [
    cityWorld(failOneIn),
    world(
      'animals',
      [
        { name: 'a', sdl: ANIMALS_A },
        { name: 'b', sdl: ANIMALS_B },
      ],
      {
        entities: new Set(['Cat', 'Dog', 'Keeper']),
        failOneIn,
      },
    ),
    world(
      'shop',
      [
        { name: 'a', sdl: SHOP_A },
        { name: 'b', sdl: SHOP_B },
        { name: 'c', sdl: SHOP_C },
      ],
      {
        entities: new Set(['Item', 'Maker', 'Warehouse']),
        failOneIn,
      },
    ),
  ];
}
