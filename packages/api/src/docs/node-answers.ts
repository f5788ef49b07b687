import type { NodeInfoAnswer, NodeReadingsAnswer } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { closed, instant, number, orNull, schemaOf, text } from './answer.ts'

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
