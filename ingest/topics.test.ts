import { describe, expect, it } from 'vitest';
import { isBelow, topicKind } from './topics.ts';

describe('a topic', () => {
  it.each([
    ['greencity/v1/st-1/measurements', 'measurements'],
    ['greencity/v1/st-1/status', 'status'],
    ['greencity/v1/st-1/config/state', 'config/state'],
    ['greencity/v1/st-1/config', 'unknown'],
    ['greencity/v1/st-1/', 'unknown'],
    ['greencity/v1/st-1/measurements/', 'unknown'],
    ['greencity/v1/st-10/measurements', 'foreign'],
    ['greencity/v1/st/measurements', 'foreign'],
    ['greencity/v1/st-1', 'foreign'],
    ['greencity/v2/st-1/measurements', 'foreign'],
    ['/greencity/v1/st-1/measurements', 'foreign'],
    ['', 'foreign'],
  ] as const)('%s is %s to st-1', (topic, kind) => {
    expect(topicKind('st-1', topic)).toBe(kind);
  });

  it('is below nobody whose id is empty', () => {
    expect(isBelow('', 'greencity/v1//measurements')).toBe(false);
  });
});
