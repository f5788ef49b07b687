import type { NodeHost } from '@slotscope/api'
import type { Cluster, ClusterNodeInfo } from '@slotscope/engine/tcp'

/** What the thread of the embedded cluster is asked to do with one of its nodes. */
export type HostQuestion = { readonly type: 'host'; readonly number: number } & (
  | { readonly action: 'prepare'; readonly node?: undefined }
  | { readonly action: 'start' | 'kill'; readonly node: string }
)
export type HostAnswer = { readonly type: 'hosted'; readonly number: number; readonly value?: ClusterNodeInfo; readonly error?: string }

/** The host of nodes that live in another thread: each question has a number, by which its answer is known. */
export class WorkerNodeHost implements NodeHost {
  readonly #ask: (question: HostQuestion) => void
  readonly #waiting = new Map<number, (answer: HostAnswer) => void>()
  #number = 0

  constructor(ask: (question: HostQuestion) => void) {
    this.#ask = ask
  }

  /** To be given every answer of the thread. */
  answered(answer: HostAnswer): void {
    this.#waiting.get(answer.number)?.(answer)
    this.#waiting.delete(answer.number)
  }

  async prepare(): Promise<ClusterNodeInfo> {
    const { value } = await this.#question({ action: 'prepare' })
    if (!value) throw new Error('the cluster prepared no node')
    return value
  }

  async start(node: string): Promise<void> {
    await this.#question({ action: 'start', node })
  }

  async kill(node: string): Promise<void> {
    await this.#question({ action: 'kill', node })
  }

  #question(what: { readonly action: 'prepare' } | { readonly action: 'start' | 'kill'; readonly node: string }): Promise<HostAnswer> {
    const number = ++this.#number
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, (answer) => (answer.error === undefined ? resolve(answer) : reject(new Error(answer.error))))
      this.#ask({ type: 'host', number, ...what })
    })
  }
}

/** What the thread does with a question. */
export async function answerFor(cluster: Cluster, { number, action, node }: HostQuestion): Promise<HostAnswer> {
  try {
    const value = action === 'prepare' ? await cluster.prepare() : await cluster[action](node)
    return { type: 'hosted', number, ...(value === undefined ? {} : { value }) }
  } catch (error) {
    return { type: 'hosted', number, error: (error as Error).message }
  }
}
