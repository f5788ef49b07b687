import { type CommandAnswer, type CommandRequest, type CommandsAnswer, type CommandTarget, splitLine } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { ask, post } from '../../api/client.ts'
import { toBase64Url } from '../../model/bytes.ts'
import { commandIn, complete } from '../../model/command-completion.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'

/** Whom a line is sent to: `key`, `primaries`, `nodes`, or the id of a node. */
export type TargetChoice = string

/** A line that was sent, and what came of it. */
export type Run = {
  readonly id: number
  readonly line: string
  readonly target: TargetChoice
  readonly database: number
  readonly answer: CommandAnswer | null
  readonly failure: unknown
}

export type AskedLine = { readonly line: string; readonly target: TargetChoice; readonly request: CommandRequest }

const MOST_RUNS = 100
/**
 * Lines of this page, by cluster, newest last: they come back with the arrow keys when somebody returns to the room. In memory only, since a line may hold
 * what must not be written down.
 */
const lines = new Map<string, string[]>()
const runsOf = new Map<string, readonly Run[]>()
let lastId = 0

/** The state of the room: what is typed, to whom it goes, and what was answered. */
export function useCommandLine() {
  const { id } = useCluster()
  const path = `/api/clusters/${encodeURIComponent(id)}/commands`
  const [target, setTarget] = useQueryParameter('to')
  const [databaseText, setDatabase] = useQueryParameter('db')
  const limit = useCore((core) => core.cluster.databases)
  const announce = useAnnounce()
  const off = useUnchangeableReason()
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [runs, setRuns] = useState<readonly Run[]>(() => runsOf.get(id) ?? [])
  const [busy, setBusy] = useState(false)
  const [toConfirm, setToConfirm] = useState<AskedLine | null>(null)
  const known = useQuery({
    queryKey: ['commands', id],
    queryFn: ({ signal }) => ask<CommandsAnswer>(path, signal),
    staleTime: 10 * 60_000,
    enabled: off === null
  })
  const commands = known.data?.commands
  const completion = useMemo(() => complete(commands ?? [], text), [commands, text])
  const database = databaseText !== null && /^\d{1,9}$/.test(databaseText) ? Number(databaseText) : 0
  const choice = target ?? 'key'

  const add = (run: Omit<Run, 'id'>) => {
    const next = [...(runsOf.get(id) ?? []), { ...run, id: ++lastId }].slice(-MOST_RUNS)
    runsOf.set(id, next)
    setRuns(next)
  }

  const send = async ({ line, request, target: to }: AskedLine) => {
    setBusy(true)
    try {
      const answer = await post<CommandAnswer>(path, request)
      add({ line, target: to, database, answer, failure: null })
      announce(answer.results.length === 1 ? 'Answered' : `${answer.results.length} nodes were asked`)
    } catch (failure) {
      add({ line, target: to, database, answer: null, failure })
    } finally {
      setBusy(false)
    }
  }

  /** Sends what is typed, or says what is wrong with it. */
  const submit = async () => {
    const line = text.trim()
    if (line === '' || busy || off !== null) return
    // Where the key of a command stands is in what the servers say of it.
    const list = commands ?? (await known.refetch()).data?.commands
    if (list === undefined) return
    const split = splitLine(line)
    if ('problem' in split) return setProblem('The quote is not closed.')
    const command = commandIn(list, line)
    // The api would say the same: it decides, and this only spares the way.
    if (command?.refusal != null) return setProblem(`${command.name} is not sent for your role: ${command.refusal}.`)
    const to = targetOf(choice, split.argv, command?.firstKey ?? 0)
    if (to === null) return setProblem(`${command?.name ?? 'This command'} has no key to go by: choose a node, all primaries or all nodes.`)
    setProblem(null)
    const history = lines.get(id) ?? []
    if (history.at(-1) !== line) lines.set(id, [...history, line].slice(-MOST_RUNS))
    const request = { target: to, database, argv: split.argv.map((bytes) => ({ bytes: toBase64Url(bytes) })) }
    const asked = { line, target: choice, request }
    setText('')
    if (command?.confirm) setToConfirm(asked)
    else void send(asked)
  }

  return {
    text,
    problem,
    /** Why nothing is sent from here, whoever looks; null: it is. */
    off,
    known,
    completion,
    runs,
    busy,
    toConfirm,
    target: choice,
    database,
    /** How many databases there are; null: not known. */
    databases: limit,
    history: lines.get(id) ?? [],
    setTarget: (next: TargetChoice) => setTarget(next === 'key' ? null : next),
    setDatabase: (next: number) => setDatabase(next === 0 ? null : String(next)),
    edit: (line: string) => {
      setText(line)
      setProblem(null)
    },
    submit: () => void submit(),
    cancel: () => setToConfirm(null),
    confirm: (nonce: string, typedName: string) => {
      if (toConfirm === null) return
      setToConfirm(null)
      void send({ ...toConfirm, request: { ...toConfirm.request, nonce, typedName } })
    }
  }
}

export type CommandLine = ReturnType<typeof useCommandLine>

/** Null: it goes by its key, and has none at a place that is known. */
function targetOf(choice: TargetChoice, argv: readonly Uint8Array[], firstKey: number): CommandTarget | null {
  if (choice === 'primaries' || choice === 'nodes') return { kind: choice }
  if (choice !== 'key') return { kind: 'node', node: choice }
  const key = firstKey > 0 ? argv[firstKey] : undefined
  return key === undefined ? null : { kind: 'key', key: toBase64Url(key) }
}
