import { useMemo } from 'react'
import { usualTolerance } from '../../model/plan-wish.ts'
import { type Command, useCommands } from '../../shell/commands.ts'
import type { MapFigure, Stage } from './room-context.ts'

const figures: readonly { readonly figure: MapFigure; readonly label: string }[] = [
  { figure: 'owner', label: 'owner' },
  { figure: 'keys', label: 'keys' },
  { figure: 'cpu', label: 'CPU' },
  { figure: 'bytes-in', label: 'bytes in' },
  { figure: 'bytes-out', label: 'bytes out' }
]

/** What the palette offers while the slot room is on screen. */
export function useRoomCommands(stage: Stage, table: { readonly shown: boolean; readonly toggle: () => void }): void {
  const { desk, finder, dispatch, setFigure, owners, live, balance } = stage
  const { shown, toggle } = table
  const { ground } = owners
  const commands = useMemo<readonly Command[]>(
    () => [
      ...(live && ground.length > 1
        ? [
            {
              id: 'rebalance',
              label: 'Rebalance the shards…',
              words: 'even balance plan',
              run: () => desk.ask({ kind: 'rebalance', by: balance, tolerance: usualTolerance })
            }
          ]
        : []),
      { id: 'find-key', label: 'Find a key…', key: 'F', words: 'slot hash crc16', run: () => finder.set(finder.keys ?? []) },
      { id: 'ranges', label: 'Type ranges of slots…', key: 'G', words: 'select', run: () => dispatch({ type: 'type-ranges', open: true }) },
      { id: 'table', label: shown ? 'Show the map' : 'Show the map as a table', key: 'T', run: toggle },
      ...figures.map(({ figure, label }) => ({
        id: `figure ${figure}`,
        label: `Colour the map by ${label}`,
        words: 'figure heat',
        run: () => setFigure(figure)
      })),
      ...(live && ground.length > 1 ? ground.filter(({ slotCount }) => slotCount > 0) : []).map((shard) => ({
        id: `drain ${shard.key}`,
        label: `Drain shard ${shard.label}…`,
        words: 'empty scale in',
        run: () => desk.ask({ kind: 'drain', shard: shard.key, by: balance })
      }))
    ],
    [desk, finder, dispatch, setFigure, ground, live, balance, shown, toggle]
  )
  useCommands(commands)
}
