import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Kbd } from '../ui/kbd.tsx'
import styles from './key-list.module.css'

const groups: readonly { readonly title: string; readonly keys: readonly (readonly [keys: readonly string[], does: string])[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      [['Ctrl', 'K'], 'find a key, slot, shard or command'],
      [['?'], 'this list'],
      [['Esc'], 'back out one step; nothing is sent']
    ]
  },
  {
    title: 'Slots',
    keys: [
      [['G'], 'type ranges of slots'],
      [['F'], 'find a key'],
      [['M'], 'choose where the selection goes'],
      [['T'], 'the map as a table, and back']
    ]
  },
  {
    title: 'On the map',
    keys: [
      [['←', '→', '↑', '↓'], 'by slot and by row'],
      [['Ctrl', '→'], 'to the next change of owner'],
      [['Home', 'End'], 'begin and end of the row; with Ctrl of the map'],
      [['Shift', '→'], 'extend the selection'],
      [['Space'], 'add or remove a slot'],
      [['Enter'], 'choose where the selection goes'],
      [['+', '−'], 'zoom']
    ]
  },
  {
    title: 'With the mouse',
    keys: [
      [['Shift', 'drag'], 'extend the selection'],
      [['Ctrl', 'drag'], 'add to it, or take away from it'],
      [['Alt', 'drag'], 'brush where a drag would lift'],
      [['double click'], 'the whole run of its owner'],
      [['type a letter'], 'filter the targets while many shards are dragged over']
    ]
  }
]

/** What keys do. Single letters can be switched off in the user menu. */
export default function KeyList({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog open title="Keys" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
      <div className={styles.groups}>
        {groups.map((group) => (
          <section key={group.title} aria-label={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.keys.map(([keys, does]) => (
                <div key={does}>
                  <dt>
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p className={styles.note}>Single letters can be switched off in the user menu; then they work only while the map has the focus.</p>
    </Dialog>
  )
}
