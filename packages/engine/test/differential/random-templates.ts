import type { Command } from './command-runs.ts'
import { LIST_TEMPLATES, SET_TEMPLATES } from './random-collection-templates.ts'
import type { CommandGenerator } from './random-commands.ts'
import { HASH_TEMPLATES } from './random-hash-templates.ts'
import { KEY_TEMPLATES } from './random-key-templates.ts'
import { GEO_TEMPLATES, SORTED_SET_TEMPLATES } from './random-sorted-set-templates.ts'
import { STREAM_TEMPLATES } from './random-stream-commands.ts'
import { BITMAP_TEMPLATES, HYPERLOGLOG_TEMPLATES, STRING_TEMPLATES } from './random-string-templates.ts'

export type Template = (g: CommandGenerator) => Command

/** Every command of a kind of value. Commands whose answer is drawn at random are given so that nothing is left to draw. */
export const TEMPLATES_BY_KIND = {
  string: STRING_TEMPLATES,
  bitmap: BITMAP_TEMPLATES,
  hyperloglog: HYPERLOGLOG_TEMPLATES,
  hash: HASH_TEMPLATES,
  list: LIST_TEMPLATES,
  set: SET_TEMPLATES,
  sortedSet: SORTED_SET_TEMPLATES,
  geo: GEO_TEMPLATES,
  stream: STREAM_TEMPLATES
} as const satisfies Record<string, readonly Template[]>

export type Kind = keyof typeof TEMPLATES_BY_KIND

export const TEMPLATES: readonly Template[] = [...Object.values(TEMPLATES_BY_KIND).flat(), ...KEY_TEMPLATES]
