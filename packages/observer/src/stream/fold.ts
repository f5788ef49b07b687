import type { Op } from './frames.ts'

/** A patch that does not fit the state it is applied to: the viewer must resume. */
export class FoldError extends Error {}

/** Applies a patch's operations; unchanged parts are shared with the old state, so identity tells what changed. */
export function applyOps<S>(state: S, ops: readonly Op[]): S {
  let next: unknown = state
  for (const op of ops) next = applyAt(next, op, 0)
  return next as S
}

function applyAt(node: unknown, op: Op, depth: number): unknown {
  if (depth === op.path.length) {
    switch (op.op) {
      case 'set':
        return op.value
      case 'push': {
        if (!Array.isArray(node)) throw new FoldError(`push: ${op.path.join('.')} is not a list`)
        return [...node, ...op.values].slice(-op.keep)
      }
      case 'remove':
        throw new FoldError('remove: a state cannot remove itself')
    }
  }
  if (typeof node !== 'object' || node === null || Array.isArray(node))
    throw new FoldError(`${op.path.slice(0, depth).join('.')} is not an object`)
  const key = op.path[depth] as string
  const copy: Record<string, unknown> = { ...node }
  if (op.op === 'remove' && depth === op.path.length - 1) {
    delete copy[key]
    return copy
  }
  if (!Object.hasOwn(copy, key) && depth < op.path.length - 1)
    throw new FoldError(`${op.path.slice(0, depth + 1).join('.')} does not exist`)
  copy[key] = applyAt(copy[key], op, depth + 1)
  return copy
}

/**
 * The smallest list of operations that turns `before` into `after`: objects are compared key by key, anything else as a
 * whole. `applyOps(before, diff(before, after))` equals `after`.
 */
export function diff(before: unknown, after: unknown, path: readonly string[] = []): Op[] {
  if (Object.is(before, after)) return []
  if (!isRecord(before) || !isRecord(after)) return sameJson(before, after) ? [] : [{ op: 'set', path, value: after }]
  const ops: Op[] = []
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) ops.push({ op: 'remove', path: [...path, key] })
  for (const key of Object.keys(after)) {
    if (Object.hasOwn(before, key)) ops.push(...diff(before[key], after[key], [...path, key]))
    else ops.push({ op: 'set', path: [...path, key], value: after[key] })
  }
  return ops
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
