import type { Problem } from '@slotscope/observer/stream'
import type { FastifyBaseLogger } from 'fastify'
import type { CoreNews } from './core-news.ts'

const levelOf = { critical: 'error', warning: 'warn', info: 'info' } as const satisfies Record<Problem['severity'], string>

/** One line for each thing that is new in a cluster: events, problems when they begin and when they end. */
export function logNews(log: FastifyBaseLogger, cluster: string, news: CoreNews): void {
  for (const event of news.events) log.info({ cluster, event: event.kind }, event.text)
  for (const { id, severity, title, evidence, node } of news.begun)
    log[levelOf[severity]]({ cluster, problem: id, severity, evidence, node }, title)
  for (const { id, severity, title, node } of news.ended) log.info({ cluster, problem: id, severity, node }, `over: ${title}`)
}
