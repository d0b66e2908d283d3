/** What a caller may be allowed to do. A route, an RPC and a message of the WebSocket each need one. */
export const PERMISSIONS = [
  'workflows:read',
  'workflows:write',
  'runs:read',
  'runs:start',
  'runs:control',
  'approvals:read',
  'approvals:decide',
  'agents:read',
  'agents:control',
  'services:read',
  'services:write',
  'events:read',
  'events:publish',
  'schedules:read',
  'schedules:write',
  'notifications:read',
  'notifications:control',
  'dead-letters:read',
  'dead-letters:control',
  'system:read',
  'audit:read',
  'access:manage',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['viewer', 'operator', 'author', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const VIEWER: readonly Permission[] = [
  'workflows:read',
  'runs:read',
  'approvals:read',
  'agents:read',
  'services:read',
  'events:read',
  'schedules:read',
  'notifications:read',
  'dead-letters:read',
  'system:read',
];
const OPERATOR: readonly Permission[] = [
  ...VIEWER,
  'runs:start',
  'runs:control',
  'approvals:decide',
  'agents:control',
  'events:publish',
  'notifications:control',
  'dead-letters:control',
];
const AUTHOR: readonly Permission[] = [...OPERATOR, 'workflows:write', 'schedules:write'];

/** Each role may do what the one before it may, and more. */
export const PERMISSIONS_OF_ROLE: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: VIEWER,
  operator: OPERATOR,
  author: AUTHOR,
  admin: PERMISSIONS,
};
