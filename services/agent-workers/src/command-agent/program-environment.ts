const PASSED_ON = ['PATH', 'HOME', 'LANG', 'SystemRoot'] as const;

/** What programs see of the host's environment: enough to find and run things, and none of its secrets. */
export function programEnvironment(host: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(PASSED_ON.flatMap((name) => (host[name] === undefined ? [] : [[name, host[name]]])));
}
