import type { CoreState } from '../stream/core-state.ts'
import type { ViewParameter } from '../stream/node-plans.ts'
import { Checks, count, isUp, type NodeDraft, type NodeRefusal, step, target } from './draft.ts'
import type { FactsByNode } from './node-facts.ts'

/** What a setting is for and what it costs, in words. */
const words: Readonly<Record<ViewParameter, { readonly on: string; readonly off: string }>> = {
  'cluster-slot-stats-enabled': {
    on: 'Each node then adds up processor time and bytes for every command, which takes a little of its main thread. Counters begin at 0; rates show from the second reading on.',
    off: 'Processor time and bytes per slot go blank; the number of keys per slot stays.'
  },
  'latency-tracking': {
    on: 'Each node then keeps a histogram of latencies per command that it meets.',
    off: 'Latencies reported by servers go blank.'
  }
}

/** A setting that a view needs, at every node: replicas too, since one of them is the primary of tomorrow. */
export function settingPlan(
  core: CoreState,
  request: { readonly parameter: ViewParameter; readonly value: 'yes' | 'no' },
  facts: FactsByNode
): NodeDraft | NodeRefusal {
  const { parameter, value } = request
  const checks = new Checks()
  const all = Object.values(core.nodes)
  const before = (id: string) => facts.get(id)?.settings.get(parameter)
  const changed = all.filter((node) => before(node.id) !== undefined && before(node.id) !== value)
  const unread = all.filter((node) => isUp(node) && facts.get(node.id)?.error === null && before(node.id) === undefined)
  const silent = all.filter((node) => !isUp(node) || facts.get(node.id)?.error != null)
  if (changed.length === 0 && unread.length === 0) return { refused: `${parameter} is ${value} already at every node that answers.` }
  if (changed.length === 0)
    return { refused: `No node says what ${parameter} is: it is not known there, or CONFIG GET is not allowed (+config|get).` }
  const replicas = changed.filter((node) => node.role === 'replica').length
  checks.ok(
    'nodes',
    `${count(changed.length, 'node')} ${changed.length === 1 ? 'is' : 'are'} changed, ${replicas} of them ${replicas === 1 ? 'a replica' : 'replicas'}; ${all.length - changed.length} stay as they are.`
  )
  checks.warn('cost', value === 'yes' ? words[parameter].on : words[parameter].off)
  checks.ok('kept', 'The change lasts until a node is restarted: nothing is written to its configuration file.')
  if (unread.length > 0)
    checks.warn('unread', `${unread.map((node) => node.name).join(', ')} does not have this setting or does not say it.`)
  if (silent.length > 0) checks.warn('silent', `${silent.map((node) => node.name).join(', ')} does not answer and is left out.`)
  return {
    title: `${parameter} ${value} at ${count(changed.length, 'node')}`,
    steps: [step(changed.map(target), [['CONFIG', 'SET', parameter, value]])],
    checks: checks.list,
    seen: Object.fromEntries(changed.map((node) => [`${parameter} of ${node.name}`, before(node.id) ?? 'unknown'])),
    goal: { goal: 'set', parameter, value, nodes: changed.map((node) => node.id) },
    leastRole: 'operator',
    typedName: null
  }
}
