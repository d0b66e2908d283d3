export { ensureToken, tokenPath } from './door/token-file.js';
export { createGateway, type Gateway } from './gateway.js';
export { gatewayConfig, type GatewayConfig } from './gateway.config.js';
export { DOCTOR_CHECKS, type DoctorCheck, type DoctorChecks } from './gateway-parts.js';
export { removeServerInfo, serverInfoPath, writeServerInfo, type ServerInfo } from './server-info/server-info-file.js';
