/**
 * The shop of The Guild's gateway benchmark: its query, as an interface, over four subgraphs of the same shape with data of the same
 * sizes: 6 users, 9 products, 11 reviews, and one author of all reviews.
 */
import type { Service, World } from './world.ts';

const QUERY = `fragment User on User { id username name }
fragment Review on Review { id body }
fragment Product on Product { inStock name price shippingEstimate upc weight }
query TestQuery {
  users {
    ...User
    reviews {
      ...Review
      product {
        ...Product
        reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
      }
    }
  }
  topProducts {
    ...Product
    reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
  }
}`;

const SENTENCE = 'The quick brown fox jumps over the lazy dog beside the river while the city wakes. ';
const text = (length: number): string => SENTENCE.repeat(Math.ceil(length / SENTENCE.length)).slice(0, length);

const users = ['harbour', 'market', 'station', 'meadow', 'quarry', 'mill'].map((place, index) => ({
  id: String(index + 1),
  name: `Resident of the ${place}`.slice(0, 14),
  username: place,
}));

/** Name, price, weight and whether it is in stock. */
const GOODS: readonly (readonly [string, number, number, boolean])[] = [
  ['Shelf', 899, 100, true],
  ['Bench', 1299, 1000, false],
  ['Plate', 15, 20, false],
  ['Stool', 499, 100, false],
  ['Radio', 1299, 1000, true],
  ['Torch', 6999, 300, true],
  ['Stove', 3999, 2000, true],
  ['Freezer', 100_000, 6000, false],
  ['Bunk', 9999, 800, true],
];
const products = GOODS.map(([name, price, weight, inStock], index) => ({
  ...{ upc: String(index + 1), name, price, weight, inStock },
}));

/** Length of the text, and the product it is about. */
const REVIEWS: readonly (readonly [number, number])[] = [
  ...([
    [445, 1],
    [288, 1],
    [275, 1],
    [143, 1],
    [445, 2],
    [288, 2],
  ] as const),
  ...([
    [275, 2],
    [143, 2],
    [143, 3],
    [143, 4],
    [868, 4],
  ] as const),
];
const reviews = REVIEWS.map(([length, product], index) => ({
  id: String(index + 1),
  body: text(length),
  product: { upc: String(product) },
}));
const firstReviews = reviews.slice(0, 2);

const accounts: Service = {
  name: 'accounts',
  sdl: `extend type Query { users: [User] }
    type User @key(fields: "id") { id: ID! name: String username: String }`,
  resolvers: {
    Query: { users: () => users },
    User: { __resolveReference: ({ id }: { id: string }) => users.find((user) => user.id === id) },
  },
};

interface Goods {
  readonly upc: string;
  readonly price?: number;
  readonly weight?: number;
}

const inventory: Service = {
  name: 'inventory',
  sdl: `extend type Product @key(fields: "upc") {
      upc: String! @external weight: Int @external price: Int @external
      inStock: Boolean shippingEstimate: Int @requires(fields: "price weight")
    }`,
  resolvers: {
    Product: {
      __resolveReference: (goods: Goods) => goods,
      inStock: ({ upc }: Goods) => products.find((product) => product.upc === upc)?.inStock,
      shippingEstimate: ({ price = 0, weight = 0 }: Goods) => (price > 1000 ? 0 : Math.floor(weight / 2)),
    },
  },
};

const catalogue: Service = {
  name: 'products',
  sdl: `extend type Query { topProducts(first: Int = 5): [Product] }
    type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
  resolvers: {
    Query: { topProducts: (_: unknown, { first }: { first: number }) => products.slice(0, first) },
    Product: { __resolveReference: ({ upc }: Goods) => products.find((product) => product.upc === upc) },
  },
};

const opinions: Service = {
  name: 'reviews',
  sdl: `type Review @key(fields: "id") { id: ID! body: String product: Product author: User @provides(fields: "username") }
    extend type User @key(fields: "id") { id: ID! @external username: String @external reviews: [Review] }
    extend type Product @key(fields: "upc") { upc: String! @external reviews: [Review] }`,
  resolvers: {
    Review: {
      __resolveReference: ({ id }: { id: string }) => reviews.find((review) => review.id === id),
      author: () => ({ id: '1', username: users[0]?.username }),
    },
    User: { reviews: () => firstReviews },
    Product: { reviews: ({ upc }: Goods) => reviews.filter((review) => review.product.upc === upc) },
  },
};

/** The shop and its query; the answer has 87 KB. */
export const SHOP: World = { query: QUERY, services: [accounts, inventory, catalogue, opinions] };
