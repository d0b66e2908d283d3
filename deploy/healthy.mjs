// Ends with 0 when the service of this container is what is asked: `node healthy.mjs live|ready`. It is asked where its settings say.
const what = process.argv[2];
const { TUTTI_HEALTH__PORT: own, TUTTI_GATEWAY__PORT: door = '4700' } = process.env;
const port = own === undefined || own === '' || own === '0' ? door : own;

try {
  const answer = await fetch(`http://127.0.0.1:${port}/health/${what}`, { signal: AbortSignal.timeout(2_500) });
  if (!answer.ok) console.error(`${answer.status} ${await answer.text()}`);
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  console.error(`no answer on port ${port}: ${error.message}`);
  process.exitCode = 1;
}
