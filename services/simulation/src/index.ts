export { simulateSeed, type SeedOptions, type SeedReport } from './simulate-seed.js';
