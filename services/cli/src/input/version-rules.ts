import { usageFailure } from '../failure/failure.js';

/** One rule of a rollout, as the API takes it. */
export interface VersionRule {
  readonly version: number;
  readonly share?: number | undefined;
  readonly labels?: Readonly<Record<string, string>>;
}

/** `order-review@2`. */
export function namedVersion(text: string): { readonly name: string; readonly version: number } {
  const [, name, version] = /^([^@]+)@([1-9]\d{0,8})$/.exec(text) ?? [];
  if (name === undefined || version === undefined) throw usageFailure(`"${text}" is not name@version, like order-review@2`);
  return { name, version: Number(version) };
}

/** `2=10`: version 2 gets 10 % of the runs. */
export function shareRule(text: string): VersionRule {
  const [, version, share] = /^([1-9]\d{0,8})=(\d{1,3}(?:\.\d{1,6})?)%?$/.exec(text) ?? [];
  if (version === undefined || Number(share) > 100) throw usageFailure(`"${text}" is not version=percent, like 2=10`);
  return { version: Number(version), share: Number(share) };
}

/** `2:team=platform,tier=gold`: version 2 gets the runs with these labels. */
export function labelRule(text: string): VersionRule {
  const [, version, pairs = ''] = /^([1-9]\d{0,8}):(.+)$/.exec(text) ?? [];
  const labels = pairs.split(',').map((pair) => /^([^=]+)=(.*)$/.exec(pair));
  if (version === undefined || labels.includes(null)) throw usageFailure(`"${text}" is not version:label=value,…, like 2:team=platform`);
  return { version: Number(version), labels: Object.fromEntries(labels.map((match) => [match?.[1] ?? '', match?.[2] ?? ''])) };
}

export function ruleText({ version, share, labels = {} }: VersionRule): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return pairs.length > 0 ? `v${version} for ${pairs.join(', ')}` : `v${version} for ${share ?? 0} %`;
}
