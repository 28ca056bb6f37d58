/**
 * For tests that start processes of their own again and again.
 * @module
 */

export { bundledProgram } from './bundledProgram.js';
