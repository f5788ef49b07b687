import type {
  DeleteKeysAnswer,
  DeleteKeysRequest,
  ExportAnswer,
  ExportRequest,
  ImportAnswer,
  ImportRequest,
  KeyProblem,
  PortableKey
} from '@slotscope/observer/stream'
import { endLine, headLine, type KeyFileHead, keyLines, readKeyLine } from '../../model/key-file.ts'
import { patiently } from './patience.ts'

/** How far work on many keys is. `problems` are those of the first keys that had any; `failed` counts them all. */
export type BulkProgress = {
  readonly done: number
  /** Null: not known before the end. */
  readonly total: number | null
  readonly succeeded: number
  /** Keys that were not there any more, or were there already and were kept. */
  readonly passedOver: number
  readonly expired: number
  readonly failed: number
  readonly problems: readonly KeyProblem[]
}

export type BulkPort = {
  readonly exportKeys: (request: ExportRequest, signal: AbortSignal) => Promise<ExportAnswer>
  readonly deleteKeys: (request: DeleteKeysRequest, signal: AbortSignal) => Promise<DeleteKeysAnswer>
  readonly importKeys: (request: ImportRequest, signal: AbortSignal) => Promise<ImportAnswer>
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

/** What every kind of work is given: it stops between two parts when the signal is aborted, and says after each part how far it is. */
export type Running = { readonly signal: AbortSignal; readonly onProgress: (progress: BulkProgress) => void }

export const EXPORTED_AT_ONCE = 100
export const DELETED_AT_ONCE = 500
const IMPORTED_AT_ONCE = 100
/** Characters of one part of an import: the api takes 24 MiB. */
const MOST_CHARACTERS = 8 * 1024 * 1024
/** Between two parts, so that a node serves others meanwhile. */
const BETWEEN_MS = 30
const MOST_PROBLEMS = 20

export const nothingDone: BulkProgress = { done: 0, total: 0, succeeded: 0, passedOver: 0, expired: 0, failed: 0, problems: [] }

function and(progress: BulkProgress, more: Partial<Omit<BulkProgress, 'total' | 'failed'>>): BulkProgress {
  const { done = 0, succeeded = 0, passedOver = 0, expired = 0, problems = [] } = more
  return {
    ...progress,
    done: progress.done + done,
    succeeded: progress.succeeded + succeeded,
    passedOver: progress.passedOver + passedOver,
    expired: progress.expired + expired,
    failed: progress.failed + problems.length,
    problems: [...progress.problems, ...problems].slice(0, MOST_PROBLEMS)
  }
}

/**
 * Writes keys into the parts of a file. Rejects when it is stopped: half a file is no file to fall back on.
 *
 * @param parts at most `EXPORTED_AT_ONCE` keys each, base64url
 */
export async function exportKeys(
  port: BulkPort,
  what: {
    readonly cluster: string
    readonly database: number
    readonly form: ExportRequest['form']
    readonly parts: Iterable<readonly string[]>
    readonly total: number
  },
  { signal, onProgress }: Running
): Promise<{ readonly lines: readonly string[]; readonly progress: BulkProgress }> {
  const lines: string[] = []
  let progress: BulkProgress = { ...nothingDone, total: what.total }
  for (const part of what.parts)
    for (let rest = part; rest.length > 0; ) {
      const request = { database: what.database, keys: rest, form: what.form }
      const { items, gone, problems, taken, valkeyVersion, atMs } = await patiently(
        (each) => port.exportKeys(request, each),
        signal,
        port.wait
      )
      if (lines.length === 0) lines.push(headLine({ cluster: what.cluster, database: what.database, valkeyVersion, atMs }))
      lines.push(keyLines(items))
      rest = rest.slice(taken)
      progress = and(progress, { done: taken, succeeded: items.length, passedOver: gone, problems })
      onProgress(progress)
      await port.wait(BETWEEN_MS, signal)
    }
  return { lines: [...lines, endLine(progress.succeeded)], progress }
}

/** Deletes keys that were confirmed. What was deleted before it was stopped stays deleted, and is counted. */
export async function deleteKeys(
  port: BulkPort,
  what: {
    readonly database: number
    readonly parts: Iterable<readonly string[]>
    readonly total: number
    readonly confirmed: { readonly nonce: string; readonly typedName: string }
  },
  { signal, onProgress }: Running
): Promise<BulkProgress> {
  const { database, confirmed, total } = what
  let progress: BulkProgress = { ...nothingDone, total }
  let run: string | null = null
  for (const keys of what.parts) {
    const request: DeleteKeysRequest = run === null ? { database, keys, ...confirmed, count: total } : { database, keys, run }
    const answer: DeleteKeysAnswer = await patiently((each) => port.deleteKeys(request, each), signal, port.wait)
    run = answer.run
    progress = and(progress, { done: keys.length, succeeded: answer.deleted, passedOver: answer.gone, problems: answer.problems })
    onProgress(progress)
    await port.wait(BETWEEN_MS, signal)
  }
  return progress
}

/** Makes the keys of a file, line by line as it is read. Rejects with words where the file is none, or ends early; what was read before is made. */
export async function importKeys(
  port: BulkPort,
  what: { readonly lines: AsyncIterable<string>; readonly database: number | null; readonly existing: ImportRequest['existing'] },
  { signal, onProgress }: Running
): Promise<BulkProgress> {
  let progress: BulkProgress = { ...nothingDone, total: null }
  let head: KeyFileHead | null = null
  let items: PortableKey[] = []
  let characters = 0
  let line = 0
  let ended = false
  const flush = async () => {
    if (items.length === 0) return
    const request = { database: what.database ?? head?.database ?? 0, items, existing: what.existing }
    const { imported, kept, expired, problems } = await patiently((each) => port.importKeys(request, each), signal, port.wait)
    progress = and(progress, { done: items.length, succeeded: imported, passedOver: kept, expired, problems })
    items = []
    characters = 0
    onProgress(progress)
    await port.wait(BETWEEN_MS, signal)
  }
  for await (const text of what.lines) {
    line += 1
    const read = readKeyLine(text, line)
    if (read.kind === 'head') head = read.head
    else if (read.kind === 'end') ended = true
    else {
      if (items.length === IMPORTED_AT_ONCE || characters + text.length > MOST_CHARACTERS) await flush()
      items.push(read.item)
      characters += text.length
    }
  }
  await flush()
  if (!ended) throw new Error('The file ends early: it was cut while it was written or copied. What it held was imported.')
  return progress
}

/** The lines of a file, read as they are needed. */
export async function* linesOf(file: Blob): AsyncGenerator<string> {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) break
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield line
  }
  if (rest !== '') yield rest
}
