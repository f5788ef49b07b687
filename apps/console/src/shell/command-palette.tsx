import { countSlots } from '@slotscope/observer/stream'
import { type KeyboardEvent, type ReactNode, useContext, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { formatCount, plural } from '../model/format.ts'
import { matching, matchingShards, slotOfTyped, typedRanges } from '../model/palette.ts'
import { roomPath, rooms } from '../routes.tsx'
import { useCluster, useCore } from '../stream/hooks.ts'
import { Kbd } from '../ui/kbd.tsx'
import { type Preferences, setPreferences } from '../ui/preferences.ts'
import { ShardBadge } from '../ui/shard-badge.tsx'
import styles from './command-palette.module.css'
import { type Command, CommandContext } from './commands.ts'
import { usePresentation } from './presentation.tsx'

const themes: readonly Preferences['theme'][] = ['system', 'light', 'dark']

/** Finds rooms, shards, slots, keys and what can be done here. What it opens is an address or an action that stands elsewhere too. */
export default function CommandPalette({ onClose, onKeys }: { readonly onClose: () => void; readonly onKeys: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, setTyped] = useState('')
  const { id } = useCluster()
  const [, navigate] = useLocation()
  const present = usePresentation()
  const book = useContext(CommandContext)
  const core = useCore((state) => state)
  useEffect(() => dialog.current?.showModal(), [])

  const commands: readonly Command[] = [
    ...(book?.all ?? []),
    ...themes.map((theme) => ({
      id: `theme ${theme}`,
      label: `Theme: ${theme === 'system' ? 'as the system' : theme}`,
      words: 'light dark mode colours',
      run: () => setPreferences({ theme })
    })),
    {
      id: 'present',
      label: present.on ? 'Leave the presentation' : 'Present: larger type, map and lanes only',
      words: 'presentation',
      run: () => present.set(!present.on)
    },
    { id: 'keys', label: 'What do the keys do?', key: '?', words: 'shortcuts help', run: onKeys }
  ]
  const foundRooms = matching(rooms, typed, (room) => `${room.label} room`)
  const foundCommands = matching(commands, typed, (command) => `${command.label} ${command.words ?? ''}`, typed === '' ? 12 : 8)
  const foundShards = useMemo(() => matchingShards(core, typed), [core, typed])
  const ranges = typedRanges(typed)
  const slot = typed === '' ? null : slotOfTyped(typed)
  const slots = roomPath(id, 'slots')
  const groups: readonly Group[] = [
    {
      heading: 'Slots',
      entries: ranges
        ? [
            {
              id: 'ranges',
              label: `Select slots ${ranges.text}`,
              right: plural(countSlots(ranges.ranges), 'slot'),
              run: () => navigate(`${slots}?slots=${ranges.text}`)
            }
          ]
        : []
    },
    {
      heading: 'Shards',
      entries: foundShards.map((shard) => ({
        id: `shard-${shard.key}`,
        label: (
          <>
            <ShardBadge label={shard.label} color={shard.color} small />
            <span className="visually-hidden">Shard {shard.label}</span> {shard.node}
          </>
        ),
        right: shard.slots,
        run: () => navigate(`${slots}?slots=${(core.shards[shard.key]?.slots ?? []).map(([first, last]) => `${first}-${last}`).join(',')}`)
      }))
    },
    {
      heading: 'Do',
      entries: foundCommands.map((command) => ({
        id: `do-${command.id}`,
        label: command.label,
        right: command.key === undefined ? undefined : <Kbd>{command.key}</Kbd>,
        run: command.run
      }))
    },
    {
      heading: 'Go to',
      entries: foundRooms.map(({ path, label, icon: Icon }) => ({
        id: `room-${path}`,
        label: (
          <>
            <Icon aria-hidden />
            {label}
          </>
        ),
        run: () => navigate(roomPath(id, path))
      }))
    },
    {
      heading: 'Key',
      entries:
        slot === null || ranges
          ? []
          : [
              {
                id: 'key',
                label: (
                  <>
                    Where is <code>{typed}</code>?
                  </>
                ),
                right: `slot ${formatCount(slot)}`,
                run: () => navigate(`${slots}?${new URLSearchParams({ key: typed })}`)
              }
            ]
    }
  ]
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-label={label}
      onClose={onClose}
      onPointerDown={(event) => event.target === dialog.current && onClose()}
    >
      <Choices
        groups={groups.filter(({ entries }) => entries.length > 0)}
        typed={typed}
        onType={setTyped}
        onChoose={(entry) => {
          onClose()
          entry.run()
        }}
      />
    </dialog>
  )
}

const label = 'Find a key, slot, shard or command'

type Entry = { readonly id: string; readonly label: ReactNode; readonly right?: ReactNode; readonly run: () => void }
type Group = { readonly heading: string; readonly entries: readonly Entry[] }

/** A field with the entries beneath: the focus stays in the field, arrows choose, Enter runs. */
function Choices(props: {
  readonly groups: readonly Group[]
  readonly typed: string
  readonly onType: (typed: string) => void
  readonly onChoose: (entry: Entry) => void
}) {
  const { groups, typed, onType, onChoose } = props
  const [at, setAt] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const listId = useId()
  const entries = groups.flatMap((group) => group.entries)
  const chosen = entries[Math.min(at, entries.length - 1)]
  const idOf = (entry: Entry) => `${listId}-${entry.id.replaceAll(' ', '-')}`
  const chosenId = chosen && idOf(chosen)
  useEffect(() => {
    if (chosenId !== undefined) document.getElementById(chosenId)?.scrollIntoView({ block: 'nearest' })
  }, [chosenId])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && chosen) onChoose(chosen)
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (event.key === 'Enter' || step !== 0) event.preventDefault()
    if (step !== 0) setAt((Math.min(at, entries.length - 1) + step + entries.length) % entries.length)
  }
  return (
    <>
      <input
        className={styles.input}
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={chosenId}
        aria-autocomplete="list"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder="A key, slots as 100-220, a shard, a node, a command…"
        value={typed}
        onChange={(event) => {
          onType(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div ref={list} id={listId} role="listbox" aria-label="Found" className={styles.list}>
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: options of a list box are grouped by role; a fieldset is for fields
          <div key={group.heading} role="group" aria-label={group.heading}>
            <div className={styles.heading} aria-hidden="true">
              {group.heading}
            </div>
            {group.entries.map((entry) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the focus stays in the field, whose keys choose
              <div
                key={entry.id}
                id={idOf(entry)}
                role="option"
                aria-selected={entry === chosen}
                className={styles.item}
                onPointerMove={() => setAt(entries.indexOf(entry))}
                onClick={() => onChoose(entry)}
              >
                <span className={styles.label}>{entry.label}</span>
                {entry.right !== undefined && <span className={styles.right}>{entry.right}</span>}
              </div>
            ))}
          </div>
        ))}
      </div>
    </>
  )
}
