import path from 'node:path'
import { type ClusterOptions, type KeySource, readClustersFile, readClustersText } from '@slotscope/api'
import type { ConsoleArguments } from './arguments.ts'

/** The clusters of `--clusters` and of the environment. Throws `OptionError`. */
export function furtherClusters({ clusters, background }: Pick<ConsoleArguments, 'clusters' | 'background'>): readonly ClusterOptions[] {
  const text = taken('SLOTSCOPE_CLUSTERS')
  const all = [
    ...(clusters === undefined ? [] : readClustersFile(clusters)),
    ...(text === undefined ? [] : readClustersText(text, 'SLOTSCOPE_CLUSTERS', process.cwd(), 'environment'))
  ]
  return all.map((options) => ({ ...options, background: options.background ?? background }))
}

/** Where clusters made on screen are kept in the folder of the data, and where the key for their secrets is. */
export function keptProfiles(data: string, keyFile: string | undefined): { readonly path: string; readonly key: KeySource } {
  const key = { text: taken('SLOTSCOPE_KEY'), file: keyFile, ownFile: path.join(data, 'secrets.key') }
  return { path: path.join(data, 'clusters.json'), key }
}

/** A secret of the environment is read once and taken out of it, so that no process that we start has it. */
function taken(name: string): string | undefined {
  const value = process.env[name]
  delete process.env[name]
  return value
}
