import { FLAG_BIT } from '@greencity/air/quality';
import { describe, expect, it } from 'vitest';
import { pointColumns } from '../contract.ts';
import { ofDevices, text } from './flux.ts';
import { linesOf, tag } from './lines.ts';
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
    expect(linesOf(points, [0, 1, 2, 3], names)).toEqual([
      `reading,device=a\\ b\\,c\\=d PM2_5=12.4,PM2_5.corrected=10,PM2_5.flags=4i,HUMIDITY.bad=1e-9,HUMIDITY.flags=2i ${TIME_MS}000000`,
      `reading,device=a\\ b\\,c\\=d PM2_5=1e+300 ${TIME_MS + 1}000000`,
      `reading,device=e PM1=-5e-324 ${TIME_MS + 1}000000`,
    ]);
  });

  it('takes no name of two lines, and no value that is no number', () => {
    expect(() => tag('a\nb')).toThrow(RangeError);
    const names = openNames();
    const points = pointColumns([{ series: names.id('a', 'PM1'), timeMs: 0, value: Number.NaN }]);
    expect(() => linesOf(points, [0], names)).toThrow(RangeError);
  });
});

describe('Flux', () => {
  it('holds every value as a literal: nothing of it is read as Flux', () => {
    expect(text(`a"b\\c\${d}\n`)).toBe(`"a\\"b\\\\c\\\${d}\\n"`);
    expect(ofDevices(['a"'])).toBe('r.device == "a\\""');
    expect(ofDevices(['a.*', 'b/c|d'])).toBe('r.device =~ /^(a\\.\\*|b\\/c\\|d)$/');
  });
});
