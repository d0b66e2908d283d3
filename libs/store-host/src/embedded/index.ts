export { folderFiles } from './folder-files.js';
export { assertLogReaches, inspectFolder, unfinishedLogs } from './folder-inspection.js';
export { openFolderPorts } from './folder-ports.js';
export { openSharedFolder, type SharedFolder, type SharedFolderOptions } from './shared-folder.js';
