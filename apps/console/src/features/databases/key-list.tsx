import type { KeyType } from '@slotscope/observer/stream'
import { ListTree, Play, Search, Square, StepForward } from 'lucide-react'
import { type FormEvent, useEffect, useMemo, useRef, useState } from 'react'
import { databaseWords } from '../../model/database-words.ts'
import { formatCount } from '../../model/format.ts'
import { allChosen, chosenCount, chosenIn, type KeySelection, nothingChosen } from '../../model/key-selection.ts'
import type { Matrix } from '../../model/matrix.ts'
import { useCore } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { SelectField, TextField } from '../../ui/text-field.tsx'
import { BulkBar, type ChosenKeys } from './bulk-bar.tsx'
import styles from './key-list.module.css'
import { KeyListFoot } from './key-list-foot.tsx'
import { KeyRows } from './key-rows.tsx'
import { type KeyScan, PAGE_KEYS, type ScanPhase, type ScanScope, type ScanView, scanCount } from './key-scan.ts'
import { MemorySample } from './memory-sample.tsx'
import { NameDatabase } from './name-database.tsx'
import { useKeyScan } from './use-key-scan.ts'
import type { Place } from './use-place.ts'

const keyTypes: readonly KeyType[] = ['string', 'hash', 'list', 'set', 'zset', 'stream']

/** The keys of a database, over all shards or one. Nothing is scanned before the person asks, and what it costs stands beside it. */
export function KeyList({ database, place, matrix }: { readonly database: number; readonly place: Place; readonly matrix: Matrix | null }) {
  const [pattern, setPattern] = useQueryParameter('pattern')
  const [typeText, setType] = useQueryParameter('type')
  const [form, setForm] = useQueryParameter('view')
  const [delimiterText, setDelimiter] = useQueryParameter('delimiter')
  const [within, setWithin] = useQueryParameter('within')
  const delimiter = delimiterText ?? ':'
  const [round, setRound] = useState(0)
  const expiresWithinMs = expiries.find(({ name }) => name === within)?.ms ?? null
  const type = keyTypes.find((each) => each === typeText) ?? null
  const { shard } = place
  const { scan, view } = useKeyScan(database, shard?.key ?? null, pattern ?? '', type, expiresWithinMs, round)
  const announce = useAnnounce()
  // What is chosen are rows of one scan.
  const [held, setHeld] = useState({ scan, selection: nothingChosen })
  const chosen = held.scan === scan ? held.selection : nothingChosen
  const setChosen = (selection: KeySelection) => setHeld({ scan, selection })
  const chosenKeys = useMemo(() => keysChosen(scan, chosen), [scan, chosen])
  const keys = keysOf(matrix, database, shard?.key ?? null)
  const names = useCore((core) => core.databaseNames)
  const where = `${databaseWords(database, names)} on ${shard ? `shard ${shard.label}` : 'all shards'}`
  const more = () => void scan.more()
  const beginNext = useRef(false)
  useEffect(() => {
    if (beginNext.current) void scan.more()
    beginNext.current = false
  }, [scan])

  useEffect(() => {
    const { count } = scan.view()
    if (view.phase === 'paused' || view.phase === 'complete') announce(`${formatCount(count)} keys listed, ${phaseWords[view.phase]}`)
  }, [view.phase, scan, announce])

  return (
    <Panel
      title={where}
      className={styles.panel}
      actions={
        <span className={styles.form}>
          <NameDatabase database={database} />
          {(form === 'tree' || form === 'memory') && (
            <TextField
              label={form === 'tree' ? 'Delimiter of the tree' : 'Delimiter of prefixes'}
              bare
              mono
              className={styles.delimiter}
              value={delimiter}
              maxLength={4}
              onChange={(event) => event.target.value !== '' && setDelimiter(event.target.value === ':' ? null : event.target.value)}
            />
          )}
          <Segmented
            label="Keys as"
            value={form === 'tree' || form === 'memory' ? form : 'list'}
            segments={[
              { value: 'list', label: 'List' },
              { value: 'tree', label: 'Tree' },
              { value: 'memory', label: 'Memory' }
            ]}
            onChange={(value) => setForm(value === 'list' ? null : value)}
          />
        </span>
      }
    >
      {place.unknownShard !== null && (
        <p className={styles.note} role="status">
          There is no shard {place.unknownShard} now: the list is over all shards.
        </p>
      )}
      {form === 'memory' ? (
        <MemorySample
          key={`${database} ${shard?.key}`}
          database={database}
          shard={shard?.key ?? null}
          where={where}
          delimiter={delimiter}
          opened={place.key}
          onOpen={(key) => place.openKey(key, database)}
        />
      ) : (
        <>
          <Filter
            pattern={pattern ?? ''}
            type={type}
            within={expiresWithinMs === null ? '' : (within ?? '')}
            view={view}
            onType={setType}
            onWithin={setWithin}
            onScan={(text) => {
              if (text === (pattern ?? '')) return more()
              // Another pattern is another scan: it begins once it is there.
              beginNext.current = true
              setPattern(text)
            }}
            onAll={() => void scan.more({ toTheEnd: true })}
            onStop={() => scan.stop()}
          />
          {view.failure !== null && (
            <div className={styles.failure}>
              <FailureNote
                what={view.phase === 'failed' ? 'scan' : 'read size and expiry of the keys'}
                error={view.failure}
                onRetry={more}
              />
            </div>
          )}
          {view.count > 0 ? (
            <KeyRows
              key={form === 'tree' ? 'tree' : 'list'}
              scan={scan}
              view={view}
              delimiter={form === 'tree' ? delimiter : null}
              opened={place.key}
              onOpen={(key) => place.openKey(key, database)}
              chosen={chosen}
              onChoose={setChosen}
            />
          ) : (
            <Nothing view={view} where={where} keys={keys} scope={scan.scope} onScan={more} />
          )}
          <BulkBar
            database={database}
            listed={view.count}
            chosen={chosenKeys}
            onAll={() => setChosen(allChosen(view.count))}
            onNone={() => setChosen(nothingChosen)}
            onChanged={() => setRound(round + 1)}
          />
          <KeyListFoot database={database} view={view} count={view.toTheEnd ? 1_000 : scanCount(scan.scope)} keys={keys} />
        </>
      )}
    </Panel>
  )
}

/** What a key that expires soon may mean: as it stands in the address, and in milliseconds. */
const expiries = [
  { name: '1m', ms: 60_000, words: 'a minute' },
  { name: '10m', ms: 600_000, words: '10 minutes' },
  { name: '1h', ms: 3_600_000, words: 'an hour' },
  { name: '1d', ms: 86_400_000, words: 'a day' },
  { name: '7d', ms: 604_800_000, words: '7 days' }
] as const

const phaseWords: Readonly<Record<ScanPhase, string>> = {
  idle: 'nothing scanned',
  scanning: 'scanning',
  stopped: 'stopped',
  paused: 'more can be scanned',
  complete: 'the scan is complete',
  failed: 'the scan was refused'
}

function keysChosen({ scope, view }: KeyScan, selection: KeySelection): ChosenKeys | null {
  const count = chosenCount(selection)
  if (count === 0) return null
  const { keys, count: listed } = view()
  const [first = []] = chosenIn(selection, listed, 1)
  return {
    database: scope.database,
    count,
    first: keys.keyAt(first[0] ?? 0),
    *parts(atOnce) {
      for (const rows of chosenIn(selection, listed, atOnce)) yield rows.map((row) => keys.keyAt(row))
    }
  }
}

function keysOf(matrix: Matrix | null, database: number, shard: string | null): number | null {
  if (!matrix) return null
  const shards = shard === null ? matrix.shards.map(({ key }) => key) : [shard]
  return shards.reduce((sum, key) => sum + (matrix.cell(database, key)?.keys ?? 0), 0)
}

function Filter(props: {
  readonly pattern: string
  readonly type: KeyType | null
  /** A name of `expiries`, or empty. */
  readonly within: string
  readonly view: ScanView
  readonly onType: (type: string | null) => void
  readonly onWithin: (within: string | null) => void
  readonly onScan: (pattern: string) => void
  readonly onAll: () => void
  readonly onStop: () => void
}) {
  const [text, setText] = useState(props.pattern)
  useEffect(() => setText(props.pattern), [props.pattern])
  const changed = text !== props.pattern
  const { phase } = props.view
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (changed || phase === 'idle') props.onScan(text)
  }
  return (
    <form className={styles.filter} onSubmit={submit}>
      <TextField
        label="Pattern"
        bare
        mono
        className={styles.pattern}
        placeholder="pattern, e.g. creator:*:tokens"
        value={text}
        maxLength={4_096}
        onChange={(event) => setText(event.target.value)}
      />
      <SelectField
        label="Type"
        bare
        className={styles.choice}
        value={props.type ?? ''}
        onChange={(event) => props.onType(event.target.value)}
      >
        <option value="">any type</option>
        {keyTypes.map((type) => (
          <option key={type} value={type}>
            {type}
          </option>
        ))}
      </SelectField>
      <SelectField
        label="Expires within"
        bare
        className={styles.choice}
        title="No server filters by this: PTTL is asked of every key that is walked over, at most 2,000 a second"
        value={props.within}
        onChange={(event) => props.onWithin(event.target.value)}
      >
        <option value="">any expiry</option>
        {expiries.map(({ name, words }) => (
          <option key={name} value={name}>
            expires within {words}
          </option>
        ))}
      </SelectField>
      <ScanButton phase={changed ? 'idle' : phase} onScan={() => props.onScan(text)} onStop={props.onStop} />
      {!changed && (phase === 'paused' || phase === 'stopped') && (
        <Button
          className={styles.scan}
          title="Goes on page after page until every key was walked over; it can be stopped"
          onClick={props.onAll}
        >
          <StepForward aria-hidden />
          Scan all
        </Button>
      )}
    </form>
  )
}

/** One button whose word follows the scan: Scan, Stop, Resume, Scan more. */
function ScanButton({ phase, onScan, onStop }: { readonly phase: ScanPhase; readonly onScan: () => void; readonly onStop: () => void }) {
  if (phase === 'scanning')
    return (
      <Button className={styles.scan} onClick={onStop}>
        <Square aria-hidden />
        Stop
      </Button>
    )
  if (phase === 'complete')
    return (
      <Button className={styles.scan} disabled title="Every key was walked over">
        Complete
      </Button>
    )
  return (
    <Button className={styles.scan} look={phase === 'idle' ? 'primary' : 'plain'} onClick={onScan}>
      <Play aria-hidden />
      {phase === 'idle' ? 'Scan' : phase === 'stopped' ? 'Resume' : phase === 'failed' ? 'Try again' : 'Scan more'}
    </Button>
  )
}

function Nothing(props: {
  readonly view: ScanView
  readonly where: string
  readonly keys: number | null
  readonly scope: ScanScope
  readonly onScan: () => void
}) {
  const { view, where, keys } = props
  const filtered = props.scope.pattern !== '' || props.scope.type !== null || props.scope.expiresWithinMs !== null
  if (view.phase === 'idle')
    return (
      <EmptyState icon={<Search aria-hidden />} title="Nothing is scanned yet">
        {where} {keys === null ? 'holds an unknown number of keys' : `holds ${formatCount(keys)} keys`}. A page lists about {PAGE_KEYS} of
        them, with SCAN COUNT {formatCount(scanCount(props.scope))}{' '}
        {props.scope.expiresWithinMs === null
          ? 'in at most 20 commands a question; size and expiry are asked for the rows in sight.'
          : 'and one PTTL for each key that is walked over, since no server filters by expiry: at most 2,000 keys a second.'}
      </EmptyState>
    )
  if (view.phase === 'scanning')
    return (
      <EmptyState icon={<ListTree aria-hidden />} title="Scanning">
        {view.walked === 0
          ? 'The first page is on its way.'
          : `Walked over ${formatCount(Math.min(view.walked, keys ?? view.total))} of about ${formatCount(keys ?? view.total)} keys, no match yet.`}
      </EmptyState>
    )
  if (view.phase === 'failed') return <div className={styles.space} />
  return (
    <EmptyState
      icon={<Search aria-hidden />}
      title={view.phase === 'complete' ? (filtered ? 'No key matches' : 'No keys here') : 'No match so far'}
    >
      {view.phase === 'complete'
        ? `Every key of ${where} was walked over.`
        : `Walked over ${formatCount(Math.min(view.walked, keys ?? view.total))} of about ${formatCount(keys ?? view.total)} keys.`}
    </EmptyState>
  )
}
