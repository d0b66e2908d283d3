// What goes into each tarball. Pure.

/**
 * The packages that users install, each with the parts that lie in its tarball: itself, and below node_modules what it needs of the
 * workspace. Third-party packages are named once, by the outermost manifest, so that npm installs each once.
 */
export function planPackages({ packages, root }, names = []) {
  const publics = [...packages.values()].filter(({ manifest }) => manifest.private !== true).map(({ manifest }) => manifest.name);
  const unknown = names.filter((name) => !publics.includes(name));
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')} is not packed; what is: ${publics.join(', ')}`);
  return publics
    .filter((name) => names.length === 0 || names.includes(name))
    .map((name) => planPackage(name, packages, new Set(publics), root));
}

function planPackage(name, packages, publics, root) {
  const { manifest, directory } = packages.get(name);
  const isProgram = manifest.bin !== undefined;
  const inside = new Set();
  const peers = new Map(Object.entries(manifest.peerDependencies ?? {}));
  const thirdParty = new Map();
  collect(name);
  const outer = {
    ...shipped(manifest),
    dependencies: {
      ...sorted(thirdParty),
      ...Object.fromEntries([...inside].sort().map((inner) => [inner, packages.get(inner).manifest.version])),
    },
    bundleDependencies: [...inside].sort(),
    ...(peers.size > 0 ? { peerDependencies: sorted(peers) } : {}),
    // Whoever installs the program has the Node that it was tested with.
    ...(isProgram ? { optionalDependencies: root.optionalDependencies } : {}),
  };
  const parts = [...inside].sort().map((inner) => {
    const { manifest: own, directory: from } = packages.get(inner);
    return { name: inner, folder: `node_modules/${inner}`, directory: from, manifest: { ...shipped(own), private: true } };
  });
  return { name, isProgram, parts: [{ name, folder: '.', directory, manifest: outer }, ...parts] };

  function collect(from) {
    const { dependencies = {}, tutti } = packages.get(from).manifest;
    // Named beside the dependencies: what a program starts as a process of its own, and which imports the program.
    const started = (tutti?.packedWith ?? []).map((started) => [started, packages.get(started).manifest.version]);
    for (const [dependency, version] of [...Object.entries(dependencies), ...started]) {
      if (dependency === name || inside.has(dependency)) continue;
      const internal = packages.get(dependency);
      // An application holds a copy of its own. A library shares with its user, to whom a class of two copies is two types.
      if (internal !== undefined && publics.has(dependency) && !isProgram) peers.set(dependency, internal.manifest.version);
      else if (internal === undefined) need(dependency, version, from);
      else {
        inside.add(dependency);
        collect(dependency);
      }
    }
  }

  function need(dependency, version, from) {
    const before = thirdParty.get(dependency);
    if (before !== undefined && before !== version)
      throw new Error(`${from} needs ${dependency} ${version}, another package inside ${name} needs ${before}; they must agree`);
    thirdParty.set(dependency, version);
  }
}

/** The manifest as users see it: built files with their types, no condition of the workspace, nothing of how it is developed. */
function shipped({ private: _private, devDependencies: _dev, dependencies: _dependencies, scripts: _scripts, exports = {}, ...rest }) {
  return { ...rest, exports: Object.fromEntries(Object.entries(exports).map(([path, target]) => [path, shippedTarget(target)])) };
}

function shippedTarget(target) {
  if (typeof target === 'string') return target;
  return { types: target.default.replace(/\.js$/, '.d.ts'), default: target.default };
}

function sorted(entries) {
  return Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));
}
