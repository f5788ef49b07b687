import { type Static, type TSchema, Type } from 'typebox'

/** What a route answers when it succeeds. */
export type Answer = {
  /** What the route is for, in one sentence. */
  readonly says: string
  /** Default 200; 204 has no body, 101 is a stream. */
  readonly status?: 200 | 201 | 204 | 101
  /** Default JSON of the schema. */
  readonly type?: string
  readonly body?: TSchema
}

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? unknown : never) : never

/** A schema that says exactly what the type says: where they differ, this does not compile. */
export function schemaOf<T>() {
  return <S extends TSchema>(schema: S & Same<Frozen<Static<S>>, Frozen<T>>): S => schema
}

export function closed<const P extends Parameters<typeof Type.Object>[0]>(properties: P) {
  return Type.Object(properties, { additionalProperties: false })
}

export const text = Type.String()
export const count = Type.Integer()
export const number = Type.Number()
export const flag = Type.Boolean()
export const texts = Type.Array(text)
/** Milliseconds since 1970, by the clock of the api. */
export const instant = Type.Number()

export function orNull<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()])
}

export function oneOf<const T extends string>(...words: readonly T[]) {
  return Type.Unsafe<T>(Type.Enum([...words]))
}
