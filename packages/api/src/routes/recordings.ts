import type { PlaybackState, RecordedTopic, RecordingAnswer } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { ApiFailure } from '../errors.ts'
import { exportName, linesOfExport } from '../recording/export-file.ts'
import { linesOfRange } from '../recording/recorded-range.ts'
import type { RecordingFolder } from '../recording/recording-folder.ts'
import { Downloads } from './downloads.ts'
import { closed, clusterParams } from './schemas.ts'

/** An answer of frames is cut after so many characters; whoever wants more asks again from there. */
const MOST_CHARACTERS = 32 * 1024 * 1024

const instant = Type.String({ pattern: '^[0-9]{1,16}$' })
const topics = 'core|databases|expiry|traffic|slots:(keys|cpu|bytes-in|bytes-out)'

/** The past of a cluster: what there is, its frames, a file of them, and how a recording is played. Nothing is asked of the cluster. */
export function recordingRoutes(app: App, context: ApiContext): void {
  const { clusters, now } = context
  const downloads = new Downloads()

  app.get(
    '/api/clusters/:cluster/recording',
    { config: { access: 'see' }, schema: { params: clusterParams } },
    (request): RecordingAnswer => {
      const { recording } = clusters.show(request.params.cluster)
      if (recording === undefined)
        return { kept: false, fromMs: null, toMs: null, gaps: [], events: [], bytes: 0, limits: null, problem: null }
      const { folder, problem } = recording
      const { segments, gaps, events, bytes, limits } = folder
      return {
        kept: true,
        fromMs: segments[0]?.fromMs ?? null,
        toMs: segments.at(-1)?.toMs ?? null,
        gaps,
        events: events.all,
        bytes,
        // What is played from a file is kept as long as it is played.
        limits: Number.isFinite(limits.hours) ? limits : null,
        problem
      }
    }
  )

  app.get(
    '/api/clusters/:cluster/recording/frames',
    {
      config: { access: 'see' },
      schema: {
        params: clusterParams,
        querystring: closed({
          from: instant,
          to: instant,
          topics: Type.Optional(Type.String({ pattern: `^(${topics})(,(${topics})){0,7}$` }))
        })
      }
    },
    (request, reply) => {
      const { from, to, topics: wanted } = request.query
      const { folder, range } = askedRange(request.params.cluster, from, to)
      const only = wanted === undefined ? undefined : new Set(wanted.split(',') as RecordedTopic[])
      reply.type('application/x-ndjson').header('cache-control', 'no-store')
      const compressed = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
      if (compressed) reply.header('content-encoding', 'gzip')
      return downloads.send(request, reply, linesOfRange(folder, { ...range, topics: only, most: MOST_CHARACTERS }), compressed)
    }
  )

  app.get(
    '/api/clusters/:cluster/recording/export',
    { config: { access: 'see' }, schema: { params: clusterParams, querystring: closed({ from: instant, to: instant }) } },
    (request, reply) => {
      const { cluster: id } = request.params
      const { folder, range } = askedRange(id, request.query.from, request.query.to)
      const { name, kind } = clusters.show(id)
      const lines = linesOfExport(folder, { cluster: { id, name, kind }, ...range, nowMs: now() })
      reply.type('application/gzip').header('content-disposition', `attachment; filename="${exportName(name, range.fromMs)}"`)
      return downloads.send(request, reply, lines, true)
    }
  )

  app.post(
    '/api/clusters/:cluster/playback',
    {
      config: { access: 'play' },
      schema: {
        params: clusterParams,
        body: closed({
          positionMs: Type.Optional(Type.Number({ minimum: 0, maximum: 8.64e15 })),
          speed: Type.Optional(Type.Number({ minimum: 0.01, maximum: 100 })),
          paused: Type.Optional(Type.Boolean())
        })
      }
    },
    (request): Promise<PlaybackState> => clusters.getRecorded(request.params.cluster).player.control(request.body)
  )

  function askedRange(id: string, from: string, to: string): { folder: RecordingFolder; range: { fromMs: number; toMs: number } } {
    const { recording } = clusters.show(id)
    const range = { fromMs: Number(from), toMs: Number(to) }
    if (range.fromMs > range.toMs || range.toMs > 8.64e15)
      throw new ApiFailure('BAD_REQUEST', 'a range goes from an earlier instant to a later one, in milliseconds')
    if (recording === undefined) throw new ApiFailure('NOT_FOUND', 'nothing of this cluster is recorded')
    return { folder: recording.folder, range }
  }
}
