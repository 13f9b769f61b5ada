/**
 * All that is loaded on demand for somebody who signs in, error pages and /health included, as one part: each module that
 * is imported on demand by itself would split the bundle into more files, and a file costs half a millisecond.
 */
export { explain } from '../catalogue.ts'
export { AppError, describe, failureOf } from '../failure.ts'
export { central, failForCentral } from './centralRoute.ts'
export { micetroPage } from './currentEngine.ts'
export { errorPage } from './errorPage.ts'
export { health } from './health.ts'
export { preload } from './preload.ts'
export { callback, login } from './signInRoutes.ts'
