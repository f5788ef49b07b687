import type {
  CommandAnswer,
  CommandArgumentDescription,
  CommandConfirmation,
  CommandReply,
  CommandsAnswer
} from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { closed, count, flag, instant, number, oneOf, orNull, schemaOf, text, texts } from './answer.ts'

/** Holds itself: `items` of a list and `entries` of a map are replies again. */
const reply = Type.Unsafe<CommandReply>(
  Type.Object(
    {
      type: oneOf(
        ...(['status', 'error', 'integer', 'double', 'big-number', 'boolean', 'null'] as const),
        ...(['bytes', 'verbatim', 'array', 'set', 'push', 'map'] as const)
      )
    },
    { description: 'With text, message, value, bytes, items or entries by its type; items and entries hold replies again.' }
  )
)

export const commandResults = schemaOf<CommandAnswer>()(
  closed({
    results: Type.Array(closed({ node: text, durationMs: orNull(number), reply: orNull(reply), unreachable: orNull(text) })),
    atMs: instant
  })
)

export const commandConfirmation = schemaOf<CommandConfirmation>()(
  closed({ nonce: text, expiresInMs: count, typedName: text, nodes: texts, keys: orNull(count) })
)

/** Holds itself as well: a choice or a block has arguments. */
const argument = Type.Unsafe<CommandArgumentDescription>(
  Type.Object({ name: text, type: text, token: orNull(text), optional: flag, multiple: flag, arguments: Type.Array(Type.Object({})) })
)

export const commandsKnown = schemaOf<CommandsAnswer>()(
  closed({
    commands: Type.Array(
      closed({
        name: text,
        arity: count,
        firstKey: count,
        summary: text,
        group: text,
        since: text,
        complexity: text,
        arguments: Type.Array(argument),
        refusal: orNull(text),
        confirm: flag
      })
    ),
    atMs: instant
  })
)
