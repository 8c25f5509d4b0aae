import { AppError } from '@greencity/platform/errors';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { OperationRequest } from '../engine.ts';
import { asking } from '../fixtures/asking.ts';
import { smallCity } from '../fixtures/small-city.ts';
import { openTurns } from '../turns.ts';
import { chargedEngine } from './charged-engine.ts';
import type { Charge } from './charging.ts';

const SOURCE = 'query ($skip: Boolean!) { devices { name @skip(if: $skip) } }';

function aRequest(more: Partial<OperationRequest> = {}): OperationRequest {
  return {
    ...{ source: SOURCE, document: parse(SOURCE), operationName: undefined, variables: { skip: true } },
    ...{ viewer: { kind: 'anonymous', from: '203.0.113.5' }, requestId: 'request' },
    ...more,
  };
}

const spent: Charge = () => {
  throw new AppError('RATE_LIMITED', 'nothing is left');
};

describe('a new operation', () => {
  it('is not planned for somebody who has nothing left to pay with', async () => {
    using asked = asking(smallCity().subgraphs);
    const engine = chargedEngine(asked.engine, spent, openTurns());
    const { errors } = await engine.execute(aRequest());
    expect(errors[0]?.extensions['code']).toBe('RATE_LIMITED');
    expect(asked.engine.known(aRequest())).toBeUndefined();
  });

  it('costs nothing when its variables do not fit', async () => {
    using asked = asking(smallCity().subgraphs);
    let paid = 0;
    const engine = chargedEngine(asked.engine, () => (paid += 1), openTurns());
    const { errors } = await engine.execute(aRequest({ variables: { skip: 5 } }));
    expect(errors[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    expect(paid).toBe(0);
  });

  it('is planned once it has been paid, and is known from then on', async () => {
    using asked = asking(smallCity().subgraphs);
    const seen: unknown[] = [];
    const charge: Charge = (request, variables) => {
      seen.push([asked.engine.known(request), variables]);
      return 1;
    };
    const engine = chargedEngine(asked.engine, charge, openTurns());
    const { errors } = await engine.execute(aRequest());
    expect(errors).toEqual([]);
    expect(seen).toEqual([[undefined, { skip: true }]]);
    expect(asked.engine.known(aRequest())).toBeDefined();
  });
});
