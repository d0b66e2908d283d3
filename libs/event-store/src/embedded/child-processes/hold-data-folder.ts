import { lockDataFolder } from '../data-folder-lock.js';

lockDataFolder(process.argv[2] ?? '');
process.stdout.write('held\n');
// Stays until it is killed.
process.stdin.resume();
