import { describe, expect, it } from 'vitest';
import { inDirection } from './nearest-marker.ts';

const FROM = { x: 100, y: 100 };
const PLACES = [
  ['here', FROM],
  ['right', { x: 120, y: 105 }],
  ['far right', { x: 180, y: 100 }],
  ['left', { x: 40, y: 90 }],
  ['above', { x: 110, y: 60 }],
] as const;

describe('an arrow key on the map', () => {
  it.each([
    ['ArrowRight', 'right'],
    ['ArrowLeft', 'left'],
    ['ArrowUp', 'above'],
    ['ArrowDown', undefined],
    ['Enter', undefined],
  ])('%s leads to %s', (key, expected) => expect(inDirection(key, FROM, PLACES)).toBe(expected));

  it('leads to a marker exactly on the diagonal, and never to where it already is', () => {
    expect(inDirection('ArrowDown', FROM, [['diagonal', { x: 120, y: 120 }]])).toBe('diagonal');
    expect(inDirection('ArrowDown', FROM, [['here', FROM]])).toBeUndefined();
  });
});
