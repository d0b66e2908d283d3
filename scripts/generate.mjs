// Generates libs/contracts/src/generated from proto/ with buf and ts-proto.
//   node scripts/generate.mjs           writes the files, docs/openapi.json and docs/feed-messages.json from libs/rest-contract, and docs/asyncapi.json
//   node scripts/generate.mjs --check   lints proto/ and fails when the committed files are not what proto/ gives
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const generatedDir = 'libs/contracts/src/generated';

const failure = process.argv.includes('--check') ? check() : (write() ?? (await writeContracts()));
if (failure !== undefined) {
  console.error(failure);
  process.exit(1);
}

function write() {
  return buf('lint') ?? buf('generate') ?? writeDescriptors(join(root, generatedDir));
}

/** The API's description as the gateway serves it, the feed's messages as JSON Schema, and what is published on Kafka; tests hold them against what is served. */
async function writeContracts() {
  const built = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, encoding: 'utf8' });
  if (built.status !== 0) return `the build failed: ${built.stdout}${built.stderr}`;
  const { openApiDocument } = await import(pathToFileURL(join(root, 'services/gateway/dist/openapi/document.js')).href);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(root, 'docs/openapi.json'), `${JSON.stringify(openApiDocument(version), null, 2)}\n`);
  const { feedJsonSchemas } = await import(pathToFileURL(join(root, 'libs/rest-contract/dist/index.js')).href);
  writeFileSync(join(root, 'docs/feed-messages.json'), `${JSON.stringify(feedJsonSchemas(), null, 2)}\n`);
  const { asyncApiDocument } = await import(pathToFileURL(join(root, 'libs/contracts/dist/index.js')).href);
  writeFileSync(join(root, 'docs/asyncapi.json'), `${JSON.stringify(asyncApiDocument(version), null, 2)}\n`);
  return undefined;
}

function check() {
  const lintFailure = buf('lint');
  if (lintFailure !== undefined) return lintFailure;
  const fresh = mkdtempSync(join(tmpdir(), 'tutti-generated-'));
  try {
    const generateFailure = buf('generate', '--output', fresh) ?? writeDescriptors(join(fresh, generatedDir));
    if (generateFailure !== undefined) return generateFailure;
    const differing = differences(join(root, generatedDir), join(fresh, generatedDir));
    if (differing.length === 0) return undefined;
    return `${generatedDir} is not what proto/ gives; run "npm run generate" and commit. Differing:\n  ${differing.join('\n  ')}`;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The contracts described in their own terms, for what asks a running server about them. */
function writeDescriptors(folder) {
  const image = join(mkdtempSync(join(tmpdir(), 'tutti-descriptors-')), 'image.binpb');
  const failure = buf('build', '--as-file-descriptor-set', '--exclude-source-info', '--output', image);
  if (failure !== undefined) return failure;
  const text = readFileSync(image).toString('base64');
  rmSync(dirname(image), { recursive: true, force: true });
  const heading = '// Written by scripts/generate.mjs: a google.protobuf.FileDescriptorSet of proto/, in base64. DO NOT EDIT.';
  writeFileSync(join(folder, 'descriptor-set.ts'), `${heading}\nexport const DESCRIPTOR_SET =\n  '${text}';\n`);
  return undefined;
}

function differences(committedDir, freshDir) {
  const committed = filesBelow(committedDir);
  const fresh = filesBelow(freshDir);
  return [...new Set([...committed, ...fresh])]
    .filter((file) => !committed.includes(file) || !fresh.includes(file) || !sameText(join(committedDir, file), join(freshDir, file)))
    .sort();
}

function sameText(left, right) {
  return readFileSync(left, 'utf8') === readFileSync(right, 'utf8');
}

function filesBelow(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true }).filter((file) => file.endsWith('.ts'));
}

/** Runs buf in the root; gives the failure as text, or undefined. */
function buf(...args) {
  const result = spawnSync(bufBinary(), args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}` },
  });
  if (result.status === 0) return undefined;
  return `buf ${args[0]} failed: ${result.error?.message ?? `${result.stdout}${result.stderr}`}`;
}

// The binary of the platform's package, called directly: @bufbuild/buf's own launcher needs an install script, which npm may not run.
function bufBinary() {
  const platformPackage = `@bufbuild/buf-${process.platform}-${process.arch === 'arm64' && process.platform === 'linux' ? 'aarch64' : process.arch}`;
  const executable = process.platform === 'win32' ? 'bin/buf.exe' : 'bin/buf';
  return createRequire(import.meta.url).resolve(`${platformPackage}/${executable}`);
}
