// Carries runs by direct calls on the data of a folder, and tells its parent what a step cost: `{ cpu, wall }` in microseconds.
import { openByCalls } from '../tutti-by-calls.mjs';
import { carry, W3 } from '../workloads.mjs';

const [cwd, runs] = process.argv.slice(2);
const door = await openByCalls(cwd);
await carry(door, W3, Math.ceil(Number(runs) / 2));
const before = process.cpuUsage();
const ms = await carry(door, W3, Number(runs));
const { user, system } = process.cpuUsage(before);
const steps = Number(runs) * W3.steps;
await door.close();
process.send({ cpu: (user + system) / steps, wall: (ms * 1_000) / steps }, () => process.exit(0));
