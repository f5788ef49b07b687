import { Command as Cmdk } from 'cmdk'
import { useEffect, useMemo, useRef, useState, useContext, type ReactNode } from 'react'
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

  const run = (what: () => void) => () => {
    onClose()
    what()
  }
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
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-label="Find a key, slot, shard or command"
      onClose={onClose}
      onPointerDown={(event) => event.target === dialog.current && onClose()}
    >
      <Cmdk label="Find a key, slot, shard or command" shouldFilter={false} loop>
        <Cmdk.Input
          className={styles.input}
          // biome-ignore lint/a11y/noAutofocus: the palette was asked for to be typed into
          autoFocus
          placeholder="A key, slots as 100-220, a shard, a node, a command…"
          value={typed}
          onValueChange={setTyped}
        />
        <Cmdk.List className={styles.list}>
          {ranges && (
            <Group heading="Slots">
              <Item
                id="ranges"
                onChoose={run(() => navigate(`${slots}?slots=${ranges.text}`))}
                right={plural(
                  ranges.ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0),
                  'slot'
                )}
              >
                Select slots {ranges.text}
              </Item>
            </Group>
          )}
          {foundShards.length > 0 && (
            <Group heading="Shards">
              {foundShards.map((shard) => (
                <Item
                  key={shard.key}
                  id={`shard ${shard.key}`}
                  onChoose={run(() => navigate(`${slots}?slots=${core.shards[shard.key]?.slots.map(([a, b]) => `${a}-${b}`).join(',')}`))}
                  right={shard.slots}
                >
                  <ShardBadge label={shard.label} color={shard.color} small />
                  <span className="visually-hidden">Shard {shard.label}</span> {shard.node}
                </Item>
              ))}
            </Group>
          )}
          {foundCommands.length > 0 && (
            <Group heading="Do">
              {foundCommands.map((command) => (
                <Item key={command.id} id={`do ${command.id}`} onChoose={run(command.run)} right={command.key && <Kbd>{command.key}</Kbd>}>
                  {command.label}
                </Item>
              ))}
            </Group>
          )}
          {foundRooms.length > 0 && (
            <Group heading="Go to">
              {foundRooms.map(({ path, label, icon: Icon }) => (
                <Item key={path} id={`room ${path}`} onChoose={run(() => navigate(roomPath(id, path)))}>
                  <Icon aria-hidden />
                  {label}
                </Item>
              ))}
            </Group>
          )}
          {slot !== null && !ranges && (
            <Group heading="Key">
              <Item
                id="key"
                onChoose={run(() => navigate(`${slots}?${new URLSearchParams({ key: typed })}`))}
                right={`slot ${formatCount(slot)}`}
              >
                Where is <code>{typed}</code>?
              </Item>
            </Group>
          )}
        </Cmdk.List>
      </Cmdk>
    </dialog>
  )
}

function Group({ heading, children }: { readonly heading: string; readonly children: ReactNode }) {
  return (
    <Cmdk.Group heading={heading} className={styles.group}>
      {children}
    </Cmdk.Group>
  )
}

function Item(props: { readonly id: string; readonly onChoose: () => void; readonly right?: ReactNode; readonly children: ReactNode }) {
  return (
    <Cmdk.Item value={props.id} onSelect={props.onChoose} className={styles.item}>
      <span className={styles.label}>{props.children}</span>
      {props.right !== undefined && <span className={styles.right}>{props.right}</span>}
    </Cmdk.Item>
  )
}
