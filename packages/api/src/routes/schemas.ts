import { Type } from 'typebox'

/** Pieces that several routes share. Every object is closed: a field that we do not know is an error, not a wish. */

export const clusterParams = Type.Object({ cluster: Type.String({ maxLength: 64 }) })

export const nodeId = Type.String({ pattern: '^[0-9a-f]{40}$' })

/** Bytes as base64url without padding; at most 512 KiB of them. */
export const bytes = Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: 700_000 })

/** The same for whole values that a person writes: at most 4.5 MiB. Its route says the limit of its body. */
export const largeBytes = Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: 6_291_456 })

/** Latest deadline that a Valkey server takes: 2^46 - 1 milliseconds, in the year 4199. Null: none. */
export const deadline = Type.Union([Type.Integer({ minimum: 0, maximum: 2 ** 46 - 1 }), Type.Null()])

export const database = Type.Integer({ minimum: 0, maximum: 2_147_483_646 })

/** A number of a query string. */
export const databaseText = Type.String({ pattern: '^[0-9]{1,10}$' })

export const slot = Type.Integer({ minimum: 0, maximum: 16_383 })

export const slotRanges = Type.Array(Type.Tuple([slot, slot]), { minItems: 1, maxItems: 8_192 })

export const noBody = Type.Optional(Type.Union([Type.Null(), Type.Object({}, { additionalProperties: false })]))

export function closed<const P extends Parameters<typeof Type.Object>[0]>(properties: P) {
  return Type.Object(properties, { additionalProperties: false })
}
