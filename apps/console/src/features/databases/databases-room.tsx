import { Database } from 'lucide-react'
import { useMemo } from 'react'
import { MOST_SHARD_COLUMNS, matrixFigures, readMatrix } from '../../model/matrix.ts'
import { matrixFile } from '../../model/table-files.ts'
import { useCore, useTopic } from '../../stream/hooks.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Panel } from '../../ui/panel.tsx'
import { SaveRows } from '../../ui/save-rows.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import styles from './databases-room.module.css'
import { Everywhere } from './everywhere.tsx'
import { KeyList } from './key-list.tsx'
import { MatrixByDatabase } from './matrix-by-database.tsx'
import { MatrixByShard } from './matrix-by-shard.tsx'
import { usePlace } from './use-place.ts'
import { ValueView } from './value-view.tsx'

/** What the databases hold, shard by shard; the keys of one cell; the value of one key. */
export default function DatabasesRoom() {
  const held = useTopic('databases')
  const shards = useCore((core) => core.shards)
  const nodes = useCore((core) => core.nodes)
  const names = useCore((core) => core.databaseNames)
  const limit = useCore((core) => core.cluster.databases)
  const place = usePlace()
  const matrix = useMemo(() => held && readMatrix(held.state, shards), [held, shards])
  const database = place.database ?? matrix?.databases[0] ?? 0
  const shardCount = matrix?.shards.length ?? 0
  const layout = shardCount > MOST_SHARD_COLUMNS ? 'rows' : shardCount > 6 ? 'wide' : 'narrow'
  return (
    <div className={styles.room} data-layout={layout} data-value={place.key !== null || undefined}>
      <h2 className="visually-hidden">Databases</h2>
      <Panel
        title="Databases by shard"
        className={styles.matrixPanel}
        actions={
          <span className={styles.actions}>
            <Segmented label="Figure" value={place.figure} segments={matrixFigures} onChange={place.setFigure} />
            {matrix && matrix.databases.length > 0 && (
              <SaveRows compact what="the matrix" name="slotscope-databases" file={() => matrixFile(matrix, names)} />
            )}
          </span>
        }
      >
        {!matrix ? (
          <EmptyState icon={<Spinner />} title="Reading the databases">
            The figures come with the next reading of each primary, within a second or two.
          </EmptyState>
        ) : matrix.databases.length === 0 && matrix.unread.size === 0 ? (
          <EmptyState icon={<Database aria-hidden />} title="No keys in any database">
            {limit === null ? 'Every primary was read.' : `Every primary was read; it has ${limit} databases.`} As soon as a key is written,
            its database stands here.
          </EmptyState>
        ) : matrix.shards.length > MOST_SHARD_COLUMNS ? (
          <MatrixByShard matrix={matrix} nodes={nodes} place={place} database={database} />
        ) : (
          <MatrixByDatabase matrix={matrix} nodes={nodes} place={place} database={database} />
        )}
        <Everywhere database={database} openKey={place.key} onOpen={place.openKey} />
      </Panel>
      <KeyList database={database} place={place} matrix={matrix} />
      {place.key !== null && (
        <ValueView
          key={`${database} ${place.key}`}
          database={database}
          keyName={place.key}
          onClose={() => place.openKey(null)}
          onMoved={(key, into) => place.openKey(key, into)}
        />
      )}
    </div>
  )
}
