import { parseConfig } from '@slotscope/observer'
import type { ComparedSetting, NodeSettingsAnswer, SettingValue } from '@slotscope/observer/stream'
import { isSecretSetting } from '../commands/secret-settings.ts'
import { askedNodes, type NodeAnswer } from './every-node.ts'

/** Characters of a value that are told: what is longer was compared in full. */
const MOST_CHARACTERS = 2_000
/** Settings of one node: a real server has some 250. */
const MOST_SETTINGS = 2_000

/**
 * CONFIG GET of every node, setting by setting: which values there are, and which nodes have them. A secret is compared here and told to
 * nobody, but that it is empty.
 */
export function compareSettings(answers: readonly NodeAnswer[]): NodeSettingsAnswer {
  const nodes = askedNodes(answers)
  const settings = answers.map((answer, index) => {
    if (answer.error !== null) return null
    const parsed = parseConfig(answer.reply)
    if ('value' in parsed) return parsed.value
    nodes[index] = { node: answer.node, atMs: answer.atMs, error: parsed.error }
    return null
  })
  const names = new Set(settings.flatMap((one) => [...(one?.keys() ?? [])].slice(0, MOST_SETTINGS)))
  return { nodes, settings: [...names].sort().map((name) => compare(name, settings)) }
}

function compare(name: string, settings: readonly (ReadonlyMap<string, string> | null)[]): ComparedSetting {
  const isSecret = isSecretSetting(name)
  const groups = new Map<string | undefined, number[]>()
  settings.forEach((one, index) => {
    if (one === null) return
    const value = one.get(name)
    const group = groups.get(value)
    if (group) group.push(index)
    else groups.set(value, [index])
  })
  // The value that most nodes have stands first, and its nodes are not listed: they are the rest.
  const values = [...groups].sort(([, a], [, b]) => b.length - a.length)
  return { name, isSecret, values: values.map(([value, nodes], at) => told(value, isSecret, at === 0 ? null : nodes)) }
}

function told(value: string | undefined, isSecret: boolean, nodes: readonly number[] | null): SettingValue {
  if (value === undefined) return { kind: 'absent', value: null, nodes }
  if (isSecret && value !== '') return { kind: 'hidden', value: null, nodes }
  return { kind: 'shown', value: value.length > MOST_CHARACTERS ? `${value.slice(0, MOST_CHARACTERS)}…` : value, nodes }
}
