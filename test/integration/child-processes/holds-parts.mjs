// Starts a part, prints its process, and lives until it is killed.
import { startParts } from '../../../scripts/parts/parts.mjs';

const parts = await startParts({ parts: [process.argv[2]] });
console.log(`ready ${parts[process.argv[2]].pid}`);
setInterval(() => undefined, 60_000);
