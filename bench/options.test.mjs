import { expect, it } from 'vitest';
import { readOptions } from './options.mjs';

it('finds a measure by its name and by its figures', () => {
  expect(readOptions(['--only', 'cpuPerGb,memory']).measures.map(({ name }) => name)).toEqual([
    'tcpUp',
    'memory',
  ]);
});

it('refuses what it does not know, with what it does', () => {
  expect(() => readOptions(['--peers', 'wireguard'])).toThrow('--peers knows no wireguard');
  expect(() => readOptions(['--only', 'speed'])).toThrow('--only knows no speed');
});

it('leaves out of a quick run what takes long, unless it is asked for by name', () => {
  expect(readOptions(['--quick']).measures.map(({ name }) => name)).not.toContain('wire');
  expect(readOptions(['--quick', '--only', 'wire']).measures.map(({ name }) => name)).toEqual(['wire']);
});

it('has every figure that others compare by in a quick run', () => {
  const figures = readOptions(['--quick']).measures.flatMap((measure) => Object.keys(measure.figures));
  const compared = ['tcpUp', 'tcpDown', 'tcp4Up', 'tcp4Down', 'udpUp', 'udpDown', 'cpuPerGb', 'pingIdleP50'];
  expect(figures).toEqual(
    expect.arrayContaining([...compared, 'pingLoadP99', 'setupsPerCpuSecond', 'memoryPerSession']),
  );
});
