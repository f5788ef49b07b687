import type { Op } from './frames.ts'

/** A patch that does not fit the state it is applied to: the viewer must resume. */
export class FoldError extends Error {}

/** Applies a patch's operations; unchanged parts are shared with the old state, so identity tells what changed. */
export function applyOps<S>(state: S, ops: readonly Op[]): S {
  // What this patch has copied already is its own to change: a state of thousands of nodes is copied once, not once per operation.
  const own = new WeakSet<object>()
  let next: unknown = state
  for (const op of ops) next = applyAt(next, op, 0, own)
  return next as S
}

function applyAt(node: unknown, op: Op, depth: number, own: WeakSet<object>): unknown {
  if (depth === op.path.length) {
    switch (op.op) {
      case 'set':
        return op.value
      case 'merge': {
        const merged = ownCopy(node, op, depth, own)
        for (const [key, value] of Object.entries(op.values)) put(merged, key, value)
        return merged
      }
      case 'push': {
        if (!Array.isArray(node)) throw new FoldError(`push: ${op.path.join('.')} is not a list`)
        return [...node, ...op.values].slice(-op.keep)
      }
      case 'remove':
        throw new FoldError('remove: a state cannot remove itself')
    }
  }
  const copy = ownCopy(node, op, depth, own)
  const key = op.path[depth] as string
  if (op.op === 'remove' && depth === op.path.length - 1) {
    delete copy[key]
    return copy
  }
  if (!Object.hasOwn(copy, key) && depth < op.path.length - 1)
    throw new FoldError(`${op.path.slice(0, depth + 1).join('.')} does not exist`)
  put(copy, key, applyAt(Object.hasOwn(copy, key) ? copy[key] : undefined, op, depth + 1, own))
  return copy
}

function ownCopy(node: unknown, op: Op, depth: number, own: WeakSet<object>): Record<string, unknown> {
  if (!isRecord(node)) throw new FoldError(`${op.path.slice(0, depth).join('.')} is not an object`)
  if (own.has(node)) return node
  const copy = { ...node }
  own.add(copy)
  return copy
}

/** Names come from servers too: an own key called __proto__ must stay a key. */
function put(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true })
  else record[key] = value
}

/**
 * The smallest list of operations that turns `before` into `after`: objects are compared key by key, a list that only lost
 * its head and grew at its end is a `push`, anything else is set as a whole, several keys of one object together.
 * `applyOps(before, diff(before, after))` equals `after`.
 */
export function diff(before: unknown, after: unknown, path: readonly string[] = []): Op[] {
  if (Object.is(before, after)) return []
  if (!isRecord(before) || !isRecord(after)) {
    if (sameJson(before, after)) return []
    const pushed = Array.isArray(before) && Array.isArray(after) ? pushedOnto(before, after) : undefined
    return [pushed ? { op: 'push', path, values: pushed, keep: (after as unknown[]).length } : { op: 'set', path, value: after }]
  }
  const ops: Op[] = []
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) ops.push({ op: 'remove', path: [...path, key] })
  const values: [key: string, value: unknown][] = []
  for (const key of Object.keys(after)) {
    if (!Object.hasOwn(before, key)) {
      values.push([key, after[key]])
      continue
    }
    if (Object.is(before[key], after[key])) continue
    const inner = diff(before[key], after[key], [...path, key])
    const [first] = inner
    if (first?.op === 'set' && first.path.length === path.length + 1) values.push([key, first.value])
    else ops.push(...inner)
  }
  const [first] = values
  if (first !== undefined && values.length === 1) ops.push({ op: 'set', path: [...path, first[0]], value: first[1] })
  else if (first !== undefined) ops.push({ op: 'merge', path, values: Object.fromEntries(values) })
  return ops
}

/** What was appended when `after` is a tail of `before` and more; elements are compared by identity. */
function pushedOnto(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] | undefined {
  if (after.length === 0) return undefined
  for (let dropped = 0; dropped < before.length; dropped++) {
    if (!Object.is(before[dropped], after[0])) continue
    const kept = before.length - dropped
    if (kept > after.length) continue
    let same = 1
    while (same < kept && Object.is(before[dropped + same], after[same])) same++
    if (same === kept) return after.slice(kept)
  }
  return undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => sameJson(item, b[index]))
  if (isRecord(a) && isRecord(b)) {
    const keys = Object.keys(a)
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  }
  return false
}
