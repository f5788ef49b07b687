/** Versions that a node tells its clients. */

/** The release whose commands and wire formats the engine follows. */
export const VALKEY_VERSION = '9.1.0'
/** What Valkey itself calls the last compatible release of its ancestor; libraries decide by it which commands they try. */
export const REDIS_VERSION = '7.2.4'
/** The version of this package; a test holds it to package.json. */
export const SLOTSCOPE_VERSION = '0.1.0'
