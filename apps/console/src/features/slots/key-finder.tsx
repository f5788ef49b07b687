import { Plus, X } from 'lucide-react'
import { type FormEvent, memo, useEffect, useMemo, useRef, useState } from 'react'
import { Link } from 'wouter'
import { readableBytes, toBase64Url } from '../../model/bytes.ts'
import { formatCount } from '../../model/format.ts'
import { type KeySlot, keySlot, together } from '../../model/key-slot.ts'
import { isRunning, jobTitle } from '../../model/migration-progress.ts'
import { includes } from '../../model/selection.ts'
import { bytesOfText } from '../../model/typed-bytes.ts'
import { roomPath } from '../../room-path.ts'
import { useCluster } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import styles from './key-finder.module.css'
import { type Stage, useStage } from './room-context.ts'

/** More keys than this are not compared at once. */
const mostKeys = 8

/** Where does a key live? Its hash tag, the sum and the slot step by step, and whether several keys can stand in one command. */
export const KeyFinder = memo(function KeyFinder() {
  const { keys } = useStage().finder
  return keys === null ? null : <OpenFinder keys={keys} />
})

function OpenFinder({ keys }: { readonly keys: readonly string[] }) {
  const stage = useStage()
  const { finder, owners } = stage
  const announce = useAnnounce()
  const [text, setText] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const rows = useMemo(() => keys.map((key) => ({ key, ...hashOf(key) })), [keys])
  useEffect(() => input.current?.focus({ preventScroll: true }), [])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text === '') return
    finder.set([...keys.filter((key) => key !== text), text].slice(-mostKeys))
    setText('')
    announce(`${text}: slot ${formatCount(hashOf(text).slot)}, ${ownerWords(stage, hashOf(text).slot)}`)
  }
  const verdict = together(
    rows.map((row) => row.slot),
    owners.of
  )
  return (
    <Panel
      title="Find a key"
      className={styles.panel}
      actions={
        <Button size="small" look="quiet" icon aria-label="Close the search for a key" onClick={() => finder.set(null)}>
          <X aria-hidden />
        </Button>
      }
    >
      <form className={styles.form} onSubmit={submit}>
        <input
          ref={input}
          aria-label="Key"
          placeholder="user:{42}:profile"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            finder.look(event.target.value === '' ? null : hashOf(event.target.value).slot)
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.stopPropagation()
            finder.set(null)
          }}
        />
        <Button type="submit" size="small" disabled={text === ''}>
          <Plus aria-hidden />
          {keys.length === 0 ? 'Find' : 'Compare'}
        </Button>
      </form>
      {text !== '' && <Steps name={text} hash={hashOf(text)} />}
      {rows.length > 0 && (
        <ul className={styles.keys} aria-label="Keys">
          {rows.map((row) => (
            <li key={row.key}>
              <Steps name={row.key} hash={row} />
              <Button
                size="small"
                look="quiet"
                icon
                aria-label={`Remove ${row.key}`}
                onClick={() => finder.set(keys.filter((key) => key !== row.key))}
              >
                <X aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
      {verdict !== 'one' && (
        <p className={styles.verdict} data-good={verdict === 'same-slot' || undefined}>
          {verdict === 'same-slot' && (
            <>
              <b>Same slot.</b> MGET, MSET, transactions and scripts take all {rows.length} together.
            </>
          )}
          {verdict === 'same-shard' && (
            <>
              <b>CROSSSLOT.</b> They live on one shard today, but in different slots: a command of both is refused. Give them one hash tag.
            </>
          )}
          {verdict === 'different' && (
            <>
              <b>CROSSSLOT.</b> Different slots on different shards: a command of both is refused. One hash tag, as in <code>{'{42}'}</code>
              , brings them together.
            </>
          )}
        </p>
      )}
      {rows.length === 0 && text === '' && (
        <p className={styles.help}>
          A key’s slot is CRC16 of its bytes modulo 16,384. With a <code>{'{tag}'}</code> only the tag counts, so that keys stay together.
          Bytes can be typed as <code>\xff</code>.
        </p>
      )}
    </Panel>
  )
}

/** `user:{42}:profile` → CRC16 of `42` = 0x1E0B = 7,691 → modulo 16,384 → slot 7,691 → shard B, node-2. */
function Steps({ name, hash }: { readonly name: string; readonly hash: KeySlot }) {
  const { id } = useCluster()
  const { owners, nodes, keys, jobs, names, dispatch } = useStage()
  const bytes = bytesOfText(name)
  const owner = owners.of[hash.slot]!
  const shard = owner < 0 ? null : owners.order[owner]!
  const primary = shard?.primary ? nodes[shard.primary] : undefined
  const job = Object.values(jobs).find((each) => isRunning(each) && includes(each.slots, hash.slot))
  const count = keys?.[hash.slot]
  return (
    <div className={styles.steps}>
      <p className={styles.key}>
        {hash.tag ? (
          <>
            {readableBytes(bytes.subarray(0, hash.tag.from))}
            <mark>{readableBytes(hash.hashed)}</mark>
            {readableBytes(bytes.subarray(hash.tag.to))}
          </>
        ) : (
          <mark>{readableBytes(bytes)}</mark>
        )}
        {bytes.length === 0 && <span className={styles.none}>the empty key</span>}
      </p>
      <p className={styles.sum}>
        <span>
          CRC16 = <b>0x{hash.crc.toString(16).toUpperCase().padStart(4, '0')}</b> = {formatCount(hash.crc)}
        </span>
        <span>
          {formatCount(hash.crc)} mod 16,384 = <b>slot {formatCount(hash.slot)}</b>
        </span>
      </p>
      <p className={styles.owner}>
        {shard ? <ShardBadge label={shard.label} color={shard.color} small /> : null}
        <span>
          {shard ? <span className="visually-hidden">shard {shard.label}, </span> : 'owned by no node'}
          {primary?.name}
          {job && <>, being copied {jobTitle(job, names)}</>}
          {count !== undefined && !Number.isNaN(count) && <> · {formatCount(count)} keys in this slot</>}
        </span>
        <button type="button" onClick={() => dispatch({ type: 'select', selection: [[hash.slot, hash.slot]] })}>
          select
        </button>
        <Link href={`${roomPath(id, 'databases')}?key=${toBase64Url(bytes)}`}>look it up</Link>
      </p>
    </div>
  )
}

function hashOf(text: string): KeySlot {
  return keySlot(bytesOfText(text))
}

function ownerWords({ owners }: Stage, slot: number): string {
  const owner = owners.of[slot]!
  return owner < 0 ? 'owned by no node' : `shard ${owners.order[owner]!.label}`
}
