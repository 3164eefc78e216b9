/** The library's front door. */
export { defineConfig, type DynoConfig } from './plan/config/define-config.js';
