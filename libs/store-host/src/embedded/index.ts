export { openFolderPorts } from './folder-ports.js';
export { openSharedFolder, type SharedFolder, type SharedFolderOptions } from './shared-folder.js';
