export {
  connectMongo,
  type MongoConnection,
  type MongoCredentials,
  type MongoOptions,
  type MongoState,
  type MongoTimeouts,
  type MongoTls,
} from './connect-mongo.js';
export { openMongoReadModels, type MongoReadModelsOptions } from './mongo-read-models.js';
