import { CombinedError } from '@urql/core';
import { describe, expect, it } from 'vitest';
import { faultText } from './fault-text.ts';

const networkError = new TypeError('Failed to fetch');

describe('a failed call', () => {
  it('says what the platform said', () => {
    expect(faultText(new CombinedError({ graphQLErrors: [{ message: 'A box has its south below its north.' }] }))).toBe(
      'A box has its south below its north.',
    );
  });

  it('says that nobody answers, and not how the browser calls that', () => {
    expect(faultText(new CombinedError({ networkError }))).toMatch(/^The platform does not answer/);
    const response = new Response('', { status: 503 });
    expect(faultText(new CombinedError({ networkError, response }))).toMatch(/^The platform does not answer/);
  });

  it('says to wait where too much was asked', () => {
    const response = new Response('', { status: 429 });
    expect(faultText(new CombinedError({ networkError, response }))).toMatch(/wait a minute/);
  });
});
