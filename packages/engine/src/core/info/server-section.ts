import type { Node } from '../node.ts'
import { REDIS_VERSION, SLOTSCOPE_VERSION, VALKEY_VERSION } from '../version.ts'
import type { InfoField } from './info.ts'

export function serverSection(node: Node): readonly InfoField[] {
  const { config, now, options, stats } = node
  const host = options.host
  const uptimeSeconds = Math.max(0, Math.floor((now.wallMs - stats.startedAtMs) / 1000))
  return [
    ['redis_version', REDIS_VERSION],
    ['server_name', 'valkey'],
    ['valkey_version', VALKEY_VERSION],
    ['slotscope_version', SLOTSCOPE_VERSION],
    ['server_mode', node.clusterEnabled ? 'cluster' : 'standalone'],
    ['os', host?.system],
    ['arch_bits', host?.architecture],
    ['process_id', host?.processId],
    ['run_id', node.runId],
    ['tcp_port', config.number('port') || config.number('tls-port')],
    ['server_time_usec', now.wallMs * 1000],
    ['uptime_in_seconds', uptimeSeconds],
    ['uptime_in_days', Math.floor(uptimeSeconds / 86_400)],
    ['configured_hz', config.text('hz')],
    ...listeners(node)
  ]
}

/** One line for each kind of thing that is listened to, numbered. */
function listeners({ config }: Node): readonly InfoField[] {
  const addresses = config
    .text('bind')
    .split(' ')
    .map((address) => `bind=${address}`)
  const lines: string[] = []
  if (config.number('port') > 0) lines.push(`name=tcp,${addresses.join(',')},port=${config.text('port')}`)
  if (config.text('unixsocket') !== '') lines.push(`name=unix,bind=${config.text('unixsocket')}`)
  if (config.number('tls-port') > 0) lines.push(`name=tls,${addresses.join(',')},port=${config.text('tls-port')}`)
  return lines.map((line, index) => [`listener${index}`, line])
}

/** Processor time of the whole process, as the host tells it, and the time that this node spent in its own steps. */
export function cpuSection(node: Node): readonly InfoField[] {
  const { userUs, systemUs } = node.hostFigures
  return [
    ['used_cpu_sys', seconds(systemUs)],
    ['used_cpu_user', seconds(userUs)],
    ['used_active_time_main_thread', seconds(node.stats.activeUs)]
  ]
}

export function clusterSection(node: Node): readonly InfoField[] {
  return [['cluster_enabled', node.clusterEnabled ? 1 : 0]]
}

function seconds(us: number): string {
  return (us / 1e6).toFixed(6)
}
