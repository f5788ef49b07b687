import type {
  NodeInfoAnswer,
  NodeReadingsAnswer,
  NodeSettingsAnswer,
  NodeUsersAnswer,
  UserChangeAnswer,
  UserChangePreview,
  UserTestAnswer
} from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { closed, count, flag, instant, number, oneOf, orNull, schemaOf, text, texts } from './answer.ts'

export const readings = schemaOf<NodeReadingsAnswer>()(
  closed({
    readings: Type.Array(
      closed({
        node: text,
        atMs: instant,
        uptimeSeconds: orNull(number),
        clients: orNull(number),
        maxClients: orNull(number),
        offsetBytes: orNull(number),
        databases: orNull(number)
      })
    )
  })
)

export const info = schemaOf<NodeInfoAnswer>()(
  closed({
    node: text,
    atMs: instant,
    sections: Type.Array(closed({ name: text, fields: Type.Array(Type.Tuple([text, text])) }))
  })
)

/** Who was asked, and who did not answer. */
export const asked = Type.Array(closed({ node: text, atMs: instant, error: orNull(text) }))

export const settings = schemaOf<NodeSettingsAnswer>()(
  closed({
    nodes: asked,
    settings: Type.Array(
      closed({
        name: text,
        isSecret: flag,
        values: Type.Array(closed({ kind: oneOf('shown', 'hidden', 'absent'), value: orNull(text), nodes: orNull(Type.Array(count)) }))
      })
    )
  })
)

export const users = schemaOf<NodeUsersAnswer>()(
  closed({
    nodes: asked,
    users: Type.Array(
      closed({
        name: text,
        variants: Type.Array(
          closed({
            user: orNull(closed({ isOn: flag, needsNoPassword: flag, passwords: count, rules: texts })),
            nodes: orNull(Type.Array(count))
          })
        )
      })
    )
  })
)

export const userTest = schemaOf<UserTestAnswer>()(
  closed({
    results: Type.Array(closed({ node: text, atMs: instant, error: orNull(text), allowed: orNull(flag), refused: orNull(text) }))
  })
)

export const userChangePreview = schemaOf<UserChangePreview>()(
  closed({
    command: texts,
    nodes: Type.Array(closed({ node: text, atMs: instant, error: orNull(text), hasAclFile: orNull(flag) })),
    differences: Type.Array(
      closed({
        nodes: Type.Array(count),
        isThere: flag,
        removed: texts,
        added: texts,
        passwordsRemoved: count,
        passwordsAdded: count,
        problem: orNull(text)
      })
    ),
    warnings: texts,
    typedName: orNull(text),
    nonce: text,
    expiresInMs: count
  })
)

export const userChange = schemaOf<UserChangeAnswer>()(
  closed({
    results: Type.Array(closed({ node: text, atMs: instant, error: orNull(text), saved: orNull(flag), saveError: orNull(text) }))
  })
)
