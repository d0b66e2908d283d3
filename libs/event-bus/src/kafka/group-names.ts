/** Names of consumer groups: no two groups or members share one, whatever their names hold. A topic has no `/`. */
export function groupId(prefix: string, topic: string, group: string): string {
  return `${prefix}${topic}/${part(group)}`;
}

/** Of the group that a member is alone in, for messages that name it. */
export function memberGroupId(prefix: string, topic: string, group: string, member: string): string {
  return `${groupId(prefix, topic, group)}~${part(member)}`;
}

function part(name: string): string {
  return encodeURIComponent(name).replaceAll('~', '%7E');
}
