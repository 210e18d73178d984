import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { repositoryFile, repositoryPath } from '../testing/repository.js';

interface Service {
  readonly image: string;
  readonly volumes: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const { services, volumes } = parse(repositoryFile('deploy/compose.yaml')) as Compose;

describe('deploy/compose.yaml', () => {
  it('has the server, Prometheus and Grafana', () => {
    expect(Object.keys(services).sort()).toEqual(['grafana', 'masque-vpn', 'prometheus']);
  });

  it.for(Object.values(services).map(({ image }) => image))('pins %s by its full version', (image) => {
    expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
  });

  it('pins the images that the server is built from', () => {
    const images = [...repositoryFile('deploy/Dockerfile').matchAll(/^FROM (\S+)/gm)].map(
      ([, image]) => image,
    );
    expect(images.length).toBeGreaterThan(0);
    for (const image of images) expect(image).toMatch(/:\d+\.\d+\.\d+-/);
  });

  it.for(Object.values(services).flatMap((service) => service.volumes))(
    'mounts %s, which exists',
    (volume) => {
      const [from = ''] = volume.split(':');
      if (from.startsWith('.')) expect(existsSync(repositoryPath(`deploy/${from}`))).toBe(true);
      else expect(volumes).toHaveProperty(from);
    },
  );

  it('gives Prometheus the job name that the alerts ask for', () => {
    for (const file of ['deploy/prometheus/prometheus.yml', 'prometheus/prometheus.yml']) {
      const { scrape_configs: jobs } = parse(repositoryFile(file)) as {
        readonly scrape_configs: readonly { readonly job_name: string }[];
      };
      expect(jobs.map(({ job_name: name }) => name)).toEqual(['masque-vpn']);
    }
  });
});
