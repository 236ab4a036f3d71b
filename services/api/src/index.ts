export { type AppDeps, createApp } from './app.js'
export { type Config, ConfigError, readConfig } from './config.js'
export { ERROR_CATALOGUE, type ErrorCode } from './errors/error-catalogue.js'
export { type ApiService, startApi } from './platform/service.js'
