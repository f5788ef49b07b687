import type { Client } from '../client.ts'
import { eachSlot, type SlotRange } from '../cluster/slot.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Node } from '../node.ts'
import { writeCommand } from '../resp/reply-writer.ts'
import { Job } from './job.ts'
import type { ImportState } from './states.ts'

const PROCESS_FAILED = 'Failed to process command during slot migration. Check logs for more information'
const SOURCE_LOST = 'Connection lost to source. Check CLUSTER GETSLOTMIGRATIONS on the source node for more information.'

/**
 * The target's side: builds the slots aside, in a keyspace of its own, and attaches them when the slots are its own. Until
 * then no command, count, scan, eviction or expiry can meet the keys, by construction.
 */
export class ImportJob extends Job<ImportState> {
  readonly operation = 'IMPORT'
  readonly staged: Keyspace
  /** The source's connection; undefined on a replica, which follows its primary's stream. */
  readonly #client: Client | undefined
  #lastHeardMs: number
  /** Offset of our replication stream when PAUSED came: our replicas must have it before we ask for the slots. */
  #pausedOffset = 0
  #requestedAtMs: number | undefined

  private constructor(node: Node, client: Client | undefined, name: string, ranges: readonly SlotRange[], sourceId: string) {
    super(node, name, ranges, sourceId, client ? node.id : '', client ? 'waiting-for-ack' : 'occurring-on-primary')
    this.#client = client
    this.staged = node.keyspace.aside()
    this.#lastHeardMs = node.now.monotonicMs
  }

  /** A source's connection becomes an import link: from now on it replies nothing but SYNCSLOTS messages. */
  static establish(node: Node, client: Client, name: string, ranges: readonly SlotRange[], sourceId: string): ImportJob {
    const job = new ImportJob(node, client, name, ranges, sourceId)
    client.origin = 'import'
    client.keyspace = job.staged
    client.database = 0
    client.roleFlag = 'i'
    client.onClosed = () => {
      if (job.inProgress) job.fail(SOURCE_LOST)
    }
    return job
  }

  /** A replica learns that its primary imports. */
  static track(node: Node, name: string, ranges: readonly SlotRange[]): ImportJob {
    return new ImportJob(node, undefined, name, ranges, '')
  }

  get client(): Client | undefined {
    return this.#client
  }

  /** A SYNCSLOTS message of the source. */
  heard(message: string): void {
    this.#noteInput()
    switch (message) {
      case 'ACK':
        this.acknowledgedAtMs = this.node.now.wallMs
        if (this.state === 'waiting-for-ack') this.moveTo('receiving-snapshot')
        return
      case 'CAPA':
        return
      case 'SNAPSHOT-EOF':
        if (this.state !== 'receiving-snapshot') return this.fail('Unexpected state machine transition')
        // A real source goes on in database 0 whatever its snapshot selected last.
        if (this.#client) this.#client.database = 0
        this.#send('REQUEST-PAUSE')
        return this.moveTo('waiting-for-paused')
      case 'PAUSED':
        if (this.state !== 'waiting-for-paused') return this.fail('Unexpected state machine transition')
        this.#pausedOffset = this.node.replication.offset
        this.moveTo('failover-requested')
        return this.#askForSlots()
      case 'FAILOVER-GRANTED':
        if (this.state !== 'failover-requested' || this.#requestedAtMs === undefined)
          return this.fail('Unexpected state machine transition')
        // We may have been asleep: a source that no longer waits for us may have gone on serving.
        if (this.node.now.monotonicMs - this.#requestedAtMs > this.node.config.number('cluster-manual-failover-timeout')) {
          return this.fail('The grant came too late')
        }
        this.moveTo('failover-granted')
        return this.#takeSlots()
      default:
        return this.fail('Unknown SYNCSLOTS subcommand used')
    }
  }

  /** A command of the stream was applied, or could not be. */
  applied(error: string | undefined): void {
    this.#noteInput()
    if (error === undefined) return
    this.node.log('warning', `This slot-import-target is sending an error to its slot-import-source: '${error}'`)
    this.fail(PROCESS_FAILED)
  }

  cron(second: boolean): void {
    if (!this.inProgress || !this.#client) return
    if (second && this.state !== 'waiting-for-ack') this.#send('ACK')
    if (this.node.now.monotonicMs - this.#lastHeardMs > this.node.config.number('repl-timeout') * 1000) {
      return this.fail('Timed out after too long with no interaction')
    }
    this.proceed()
  }

  proceed(): void {
    if (this.state === 'failover-requested') this.#askForSlots()
  }

  fail(message: string): void {
    this.message = message
    const client = this.#client
    if (this.state === 'occurring-on-primary') {
      this.moveTo('failed')
      this.staged.clear()
      return
    }
    this.moveTo('cleaning-up')
    this.staged.clear()
    if (client) {
      client.onClosed = undefined
      if (!client.closing) this.node.closeClient(client, 'slot import failed')
    }
    this.#tellReplicas('FAILED', message)
    this.moveTo('failed')
  }

  /** FINISH came from our primary. */
  finish(state: 'SUCCESS' | 'FAILED', message: string): void {
    if (state === 'FAILED') return this.fail(message)
    this.#attach()
    this.moveTo('success')
  }

  /** Only when a healthy replica, if there is one, has everything up to the pause: else its promotion would lose writes. */
  #askForSlots(): void {
    if (this.#requestedAtMs !== undefined || !this.node.replication.acknowledgedBySome(this.#pausedOffset)) return
    this.#requestedAtMs = this.node.now.monotonicMs
    this.#send('REQUEST-FAILOVER')
  }

  #takeSlots(): void {
    const { node } = this
    const client = this.#client
    this.#attach()
    // Replicas hear of the end before anybody hears of the claim, so that whoever follows us has the keys in sight.
    this.#tellReplicas('SUCCESS', '')
    node.cluster.claimSlots(eachSlot(this.ranges))
    this.moveTo('success')
    if (client) {
      client.onClosed = undefined
      node.closeClient(client, 'slot import finished')
    }
  }

  #attach(): void {
    for (const slot of eachSlot(this.ranges)) {
      this.node.keyspace.dropSlot(slot)
      this.staged.moveSlotTo(this.node.keyspace, slot)
    }
  }

  #tellReplicas(state: 'SUCCESS' | 'FAILED', message: string): void {
    const parts = ['CLUSTER', 'SYNCSLOTS', 'FINISH', 'STATE', state, 'NAME', this.name, 'MESSAGE', message]
    this.node.propagate(0, -1, [parts])
  }

  #noteInput(): void {
    this.#lastHeardMs = this.node.now.monotonicMs
  }

  #send(message: string): void {
    if (!this.#client) return
    writeCommand(this.node.links.output(this.#client.link), ['CLUSTER', 'SYNCSLOTS', message])
  }
}
