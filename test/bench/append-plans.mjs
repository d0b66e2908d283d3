/**
 * Notes which appends each run needed, in order, until `plans` is asked for. What was in them is then read from the store's own log: the records of
 * each append and the bytes of each record, its data and metadata as JSON.
 */
export function recordAppends(store) {
  const original = store.append;
  const appends = new Map();
  store.append = async function append(stream, events, expected) {
    const result = await original.call(store, stream, events, expected);
    const list = appends.get(stream);
    if (list === undefined) appends.set(stream, [result]);
    else list.push(result);
    return result;
  };
  return {
    async plans() {
      delete store.append;
      const plans = [];
      for (const [stream, results] of appends) {
        if (!stream.startsWith('run-')) continue;
        const sizes = [];
        for await (const { data, metadata } of store.readStream(stream))
          sizes.push(Buffer.byteLength(JSON.stringify(data)) + Buffer.byteLength(JSON.stringify(metadata)));
        plans.push({ stream, appends: results.map(({ revision, events }) => sizes.slice(revision + 1 - events.length, revision + 1)) });
      }
      return plans;
    },
  };
}

/** How much a step leaves in the store. */
export function shapeOf(plans, stepsPerRun) {
  const steps = plans.length * stepsPerRun;
  const sizes = plans.flatMap(({ appends }) => appends.flat());
  return {
    appendsPerRun: plans.reduce((sum, { appends }) => sum + appends.length, 0) / plans.length,
    recordsPerStep: sizes.length / steps,
    bytesPerRecord: sizes.reduce((sum, size) => sum + size, 0) / sizes.length,
  };
}
