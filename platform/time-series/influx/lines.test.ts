import { FLAG_BIT } from '@greencity/air/quality';
import { describe, expect, it } from 'vitest';
import { pointColumns } from '../contract.ts';
import { ofDevices, text } from './flux.ts';
import { openLines, tag } from './lines.ts';
import { openNames } from './names.ts';

const TIME_MS = Date.UTC(2026, 2, 10);

describe('line protocol', () => {
  it('puts the metrics of one device and time on one line, BAD values into a field of their own', () => {
    const names = openNames();
    const [pm, humidity, other] = [names.id('a b,c=d', 'PM2_5'), names.id('a b,c=d', 'HUMIDITY'), names.id('e', 'PM1')];
    const points = pointColumns([
      { series: pm, timeMs: TIME_MS, value: 12.4, corrected: 10, flags: FLAG_BIT.SPIKE },
      { series: humidity, timeMs: TIME_MS, value: 1e-9, flags: FLAG_BIT.STUCK },
      { series: pm, timeMs: TIME_MS + 1, value: 1e300 },
      { series: other, timeMs: TIME_MS + 1, value: -5e-324 },
    ]);
    const [body = '', ...more] = openLines(names).bodies([{ points, fresh: [0, 1, 2, 3] }]);
    expect(more).toEqual([]);
    expect(body.split('\n')).toEqual([
      `reading,device=a\\ b\\,c\\=d PM2_5=12.4,PM2_5.corrected=10,PM2_5.flags=4i,HUMIDITY.bad=1e-9,HUMIDITY.flags=2i ${TIME_MS}000000`,
      `reading,device=a\\ b\\,c\\=d PM2_5=1e+300 ${TIME_MS + 1}000000`,
      `reading,device=e PM1=-5e-324 ${TIME_MS + 1}000000`,
      '',
    ]);
  });

  it('takes no name of two lines, and no value that is no number', () => {
    expect(() => tag('a\nb')).toThrow(RangeError);
    const names = openNames();
    const points = pointColumns([{ series: names.id('a', 'PM1'), timeMs: 0, value: Number.NaN }]);
    expect(() => openLines(names).bodies([{ points, fresh: [0] }])).toThrow(RangeError);
  });
});

describe('request bodies', () => {
  const names = openNames();
  const series = names.id('a', 'PM1');
  const rows = (count: number) =>
    pointColumns(Array.from({ length: count }, (_, row) => ({ series, timeMs: row + 1, value: row })));
  const lines = openLines(names);
  const of = (...counts: readonly number[]) =>
    lines.bodies(
      counts.map((count) => ({ points: rows(count), fresh: Array.from({ length: count }, (_, row) => row) })),
    );

  it('hold 5,000 lines at most, all of them in their order', () => {
    expect(of(0)).toEqual([]);
    expect(of()).toEqual([]);
    expect(of(4_999, 1)).toHaveLength(1);
    const bodies = of(5_000, 0, 5_001);
    expect(bodies.map((body) => body.trimEnd().split('\n').length)).toEqual([5_000, 5_000, 1]);
    expect(bodies.join('').split('\n').at(-2)).toBe('reading,device=a PM1=5000 5001000000');
    expect(bodies[0]?.startsWith('reading,device=a PM1=0 1000000\n')).toBe(true);
  });

  it('leave out rows that are not new', () => {
    expect(lines.bodies([{ points: rows(3), fresh: [1] }])).toEqual(['reading,device=a PM1=1 2000000\n']);
  });
});

describe('Flux', () => {
  it('holds every value as a literal: nothing of it is read as Flux', () => {
    expect(text(`a"b\\c\${d}\n`)).toBe(`"a\\"b\\\\c\\\${d}\\n"`);
    expect(ofDevices(['a"'])).toBe('r.device == "a\\""');
    expect(ofDevices(['a.*', 'b/c|d'])).toBe('r.device =~ /^(a\\.\\*|b\\/c\\|d)$/');
  });
});
