import type { UserChangePreview, UserChangeResult } from '@slotscope/observer/stream'
import { listWords, plural } from './format.ts'
import { inOrder, nameOf, namesAt } from './setting-rows.ts'

/** The command for a person: a selector is one word, so it stands in quotes. */
export function commandText(words: readonly string[]): string {
  return words.map((word) => (/[\s"]/.test(word) ? `"${word.replaceAll('"', '\\"')}"` : word)).join(' ')
}

export type DifferenceLine = {
  readonly nodes: readonly string[]
  /** What is to be said beside the rules; may be empty. */
  readonly words: string
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

/** What would be different, for each group of nodes in which it is the same. */
export function differenceLines(preview: UserChangePreview, names: ReadonlyMap<string, string>): readonly DifferenceLine[] {
  const isDeleted = preview.command[1] === 'DELUSER'
  return preview.differences.map((difference) => {
    const { isThere, passwordsAdded, passwordsRemoved, removed, added, problem } = difference
    const passwords = [
      ...(passwordsAdded > 0 ? [`${plural(passwordsAdded, 'password')} more`] : []),
      ...(passwordsRemoved > 0 ? [`${plural(passwordsRemoved, 'password')} less`] : [])
    ]
    const nothing = removed.length + added.length + passwords.length === 0
    const first =
      problem !== null
        ? `would refuse it: ${problem}`
        : isDeleted
          ? isThere
            ? 'it is deleted, and its connections end'
            : 'it is not there'
          : !isThere
            ? 'it is made'
            : nothing
              ? 'nothing changes'
              : ''
    return {
      nodes: namesAt(difference.nodes, preview.nodes, names),
      words: [first, ...(isDeleted ? [] : passwords)].filter(Boolean).join('; '),
      removed,
      added
    }
  })
}

export type ResultLine = { readonly isDone: boolean; readonly title: string; readonly words: string; readonly nodes: readonly string[] }

/** What the nodes said, those that said the same together; refusals first. */
export function resultLines(
  results: readonly UserChangeResult[],
  verb: 'edit' | 'delete',
  names: ReadonlyMap<string, string>
): readonly ResultLine[] {
  const lines = new Map<string, { line: Omit<ResultLine, 'nodes'>; nodes: string[] }>()
  for (const { node, error, saved, saveError } of results) {
    const done = verb === 'delete' ? 'Deleted' : 'Done'
    const line =
      error !== null
        ? { isDone: false, title: 'Not done', words: error }
        : saveError !== null
          ? { isDone: false, title: `${done}, not saved`, words: saveError }
          : { isDone: true, title: saved ? `${done} and saved` : done, words: '' }
    const key = JSON.stringify(line)
    const group = lines.get(key)
    if (group) group.nodes.push(nameOf(node, names))
    else lines.set(key, { line, nodes: [nameOf(node, names)] })
  }
  return [...lines.values()]
    .map(({ line, nodes }) => ({ ...line, nodes: inOrder(nodes) }))
    .sort((a, b) => Number(a.isDone) - Number(b.isDone) || b.nodes.length - a.nodes.length)
}

/** For a screen reader: `changed on 5 nodes and refused by 1 node`. */
export function changeWords(results: readonly UserChangeResult[], verb: 'edit' | 'delete'): string {
  const done = results.filter(({ error }) => error === null).length
  const words = [
    ...(done > 0 ? [`${verb === 'delete' ? 'deleted' : 'changed'} on ${plural(done, 'node')}`] : []),
    ...(done < results.length ? [`not done on ${plural(results.length - done, 'node')}`] : [])
  ]
  return listWords(words)
}
