import { latin1Text } from '../bytes.ts'
import { type Position, positionOf, scoresOf } from '../geo/cell.ts'
import { coveringCells, distanceInside, polygon, type Shape } from '../geo/shape.ts'
import { SortedSetValue } from '../keyspace/values/sorted-set.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey, firstTwoKeys, type KeySpec } from './define-command.ts'
import { distanceText, readPosition, readUnit, writeCoordinate } from './geo-arguments.ts'
import { storeResult } from './sorted-set-range.ts'

/** Where each of the six commands has its arguments. */
type Form = {
  readonly kind: 'around-position' | 'around-member' | 'search'
  readonly source: number
  /** Of the first option. */
  readonly options: number
  /** Index of the key that takes the result, where that is not an option. */
  readonly target?: number
  /** May STORE and STOREDIST name such a key? */
  readonly mayStore: boolean
}

type Request = {
  center: Position | undefined
  /** Metres of the unit in which distances are told. */
  unit: number
  radius: number | undefined
  box: { readonly width: number; readonly height: number } | undefined
  corners: readonly Position[] | undefined
  /** FROMMEMBER was there, also for a key that is not. */
  fromMember: boolean
  sort: 'ASC' | 'DESC' | undefined
  /** 0: all. */
  count: number
  any: boolean
  withDistance: boolean
  withHash: boolean
  withPosition: boolean
  target: Uint8Array | undefined
  storeDistances: boolean
}

type Found = { readonly member: Uint8Array; readonly score: number; readonly position: Position; readonly distance: number }

function readRadius(ctx: CommandContext, args: Args, index: number, request: Request): boolean {
  const radius = args.double(index)
  if (radius === undefined) ctx.reply.error('ERR need numeric radius')
  else if (radius < 0) ctx.reply.error('ERR radius cannot be negative')
  else {
    const unit = readUnit(ctx, args, index + 1)
    if (unit === undefined) return false
    request.radius = radius
    request.unit = unit
    return true
  }
  return false
}

function readBox(ctx: CommandContext, args: Args, index: number, request: Request): boolean {
  const width = args.double(index)
  const height = width === undefined ? undefined : args.double(index + 1)
  if (width === undefined) ctx.reply.error('ERR need numeric width')
  else if (height === undefined) ctx.reply.error('ERR need numeric height')
  else if (width < 0 || height < 0) ctx.reply.error('ERR height or width cannot be negative')
  else {
    const unit = readUnit(ctx, args, index + 2)
    if (unit === undefined) return false
    request.box = { width, height }
    request.unit = unit
    return true
  }
  return false
}

/** Where the option after the corners begins; the polygon's distances are in metres. */
function readCorners(ctx: CommandContext, args: Args, index: number, request: Request): number | undefined {
  const count = args.integerBetween(index, -(2 ** 31), 2 ** 31 - 1)
  if (count === undefined) ctx.reply.error('ERR invalid number of vertices')
  else if (count < 3 || count > Math.floor((args.length - index - 1) / 2)) {
    ctx.reply.error('ERR GEOSEARCH BYPOLYGON must have at least 3 vertices')
  } else {
    const corners: Position[] = []
    const end = index + 1 + count * 2
    for (let i = index + 1; i < end; i += 2) {
      const corner = readPosition(ctx, args, i)
      if (!corner) return undefined
      corners.push(corner)
    }
    request.corners = corners
    request.unit = 1
    return end
  }
  return undefined
}

/** Takes a member of the set as the centre; a key that is not there is looked at later. */
function readMember(ctx: CommandContext, set: SortedSetValue | undefined, member: Uint8Array, request: Request): boolean {
  request.fromMember = true
  if (!set) return true
  const score = set.score(member)
  if (score === undefined) {
    ctx.reply.error(errors.noSuchMember(latin1Text(member)))
    return false
  }
  request.center = positionOf(score)
  return true
}

/** All arguments. Writes the error and returns undefined when they make no sense. */
function readRequest(ctx: CommandContext, args: Args, form: Form, set: SortedSetValue | undefined): Request | undefined {
  const request: Request = {
    center: undefined,
    unit: 1,
    radius: undefined,
    box: undefined,
    corners: undefined,
    fromMember: false,
    sort: undefined,
    count: 0,
    any: false,
    withDistance: false,
    withHash: false,
    withPosition: false,
    target: form.target === undefined ? undefined : args.bytes(form.target),
    storeDistances: false
  }
  if (form.kind === 'around-position') {
    request.center = readPosition(ctx, args, 2)
    if (!request.center || !readRadius(ctx, args, 4, request)) return undefined
  }
  // Without the key nothing more is read of it, but the options decide what is answered.
  if (form.kind === 'around-member' && set && !(readMember(ctx, set, args.bytes(2), request) && readRadius(ctx, args, 3, request)))
    return undefined
  for (let at = form.options; at < args.length; ) {
    const next = readOption(ctx, args, at, form, set, request)
    if (next === undefined) return undefined
    at = next
  }
  const problem = problemOf(args, form, request)
  if (problem === undefined) return request
  ctx.reply.error(problem)
  return undefined
}

/** Where the next option begins. Writes the error and returns undefined when there is none here. */
function readOption(
  ctx: CommandContext,
  args: Args,
  at: number,
  form: Form,
  set: SortedSetValue | undefined,
  request: Request
): number | undefined {
  const left = args.length - at - 1
  const isSearch = form.kind === 'search'
  if (args.is(at, 'WITHDIST')) request.withDistance = true
  else if (args.is(at, 'WITHHASH')) request.withHash = true
  else if (args.is(at, 'WITHCOORD')) request.withPosition = true
  else if (args.is(at, 'ANY')) request.any = true
  else if (args.is(at, 'ASC')) request.sort = 'ASC'
  else if (args.is(at, 'DESC')) request.sort = 'DESC'
  else if (args.is(at, 'STOREDIST') && isSearch && form.target !== undefined) request.storeDistances = true
  else if (args.is(at, 'COUNT') && left >= 1) {
    const count = args.integer(at + 1)
    if (count === undefined) ctx.reply.error(errors.notAnInteger)
    else if (count <= 0) ctx.reply.error('ERR COUNT must be > 0')
    else {
      request.count = Number(count)
      return at + 2
    }
    return undefined
  } else if ((args.is(at, 'STORE') || args.is(at, 'STOREDIST')) && left >= 1 && form.mayStore) {
    request.target = args.bytes(at + 1)
    request.storeDistances = args.is(at, 'STOREDIST')
    return at + 2
  } else if (args.is(at, 'FROMMEMBER') && left >= 1 && isSearch && (!request.center || request.fromMember) && !request.corners) {
    return readMember(ctx, set, args.bytes(at + 1), request) ? at + 2 : undefined
  } else if (args.is(at, 'FROMLONLAT') && left >= 2 && isSearch && !request.fromMember && !request.corners) {
    request.center = readPosition(ctx, args, at + 1)
    return request.center ? at + 3 : undefined
  } else if (args.is(at, 'BYRADIUS') && left >= 2 && isSearch && !request.box && !request.corners) {
    return readRadius(ctx, args, at + 1, request) ? at + 3 : undefined
  } else if (args.is(at, 'BYBOX') && left >= 3 && isSearch && request.radius === undefined && !request.corners) {
    return readBox(ctx, args, at + 1, request) ? at + 4 : undefined
  } else if (args.is(at, 'BYPOLYGON') && left >= 2 && isSearch && isWithoutPlace(request)) {
    return readCorners(ctx, args, at + 1, request)
  } else {
    ctx.reply.error(errors.syntax)
    return undefined
  }
  return at + 1
}

/** A polygon has its own centre. */
function isWithoutPlace({ center, fromMember, radius, box }: Request): boolean {
  return !center && !fromMember && radius === undefined && !box
}

function problemOf(args: Args, form: Form, request: Request): string | undefined {
  const isSearch = form.kind === 'search'
  if (request.target && (request.withDistance || request.withHash || request.withPosition)) {
    const what = isSearch ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS'
    return `ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`
  }
  if (isSearch && !request.center && !request.fromMember && !request.corners)
    return `ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${args.text(0)}`
  if (isSearch && request.radius === undefined && !request.box && !request.corners)
    return `ERR exactly one of BYRADIUS, BYBOX and BYPOLYGON can be specified for ${args.text(0)}`
  if (request.any && request.count === 0) return 'ERR the ANY argument requires COUNT argument'
  return undefined
}

function shapeOf({ center, unit, radius, box, corners }: Request): Shape | undefined {
  if (corners) return polygon(corners)
  if (!center) return undefined
  if (box) return { type: 'box', center, width: box.width * unit, height: box.height * unit }
  return { type: 'circle', center, radius: (radius ?? 0) * unit }
}

/** Members inside, in the order of the cells, then of their scores. With `most` above 0 the search ends with so many. */
function membersInside(set: SortedSetValue, shape: Shape, most: number): Found[] {
  const found: Found[] = []
  for (const cell of coveringCells(shape)) {
    const [low, high] = scoresOf(cell)
    const { from, to } = set.ranksByScore({ low, lowExcluded: false, high, highExcluded: true })
    set.visit(from, to - from, false, (member, score) => {
      const position = positionOf(score)
      const distance = distanceInside(shape, position)
      if (distance !== undefined) found.push({ member, score, position, distance })
      return most === 0 || found.length < most
    })
    if (most > 0 && found.length >= most) break
  }
  return found
}

function run(ctx: CommandContext, args: Args, form: Form) {
  const set = ctx.read('zset', args.bytes(form.source))
  if (set === 'wrong') return
  const request = readRequest(ctx, args, form, set)
  if (!request) return
  const shape = shapeOf(request)
  const found = set && shape ? membersInside(set, shape, request.any ? request.count : 0) : []
  // The nearest are what a limit is about; ANY takes what comes.
  const sort = request.sort ?? (request.count > 0 && !request.any ? 'ASC' : undefined)
  if (sort) found.sort((a, b) => (sort === 'ASC' ? a.distance - b.distance : b.distance - a.distance))
  const wanted = request.count > 0 ? found.slice(0, request.count) : found
  if (request.target) return store(ctx, form, request, request.target, wanted)
  const extras = Number(request.withDistance) + Number(request.withHash) + Number(request.withPosition)
  ctx.reply.array(wanted.length)
  for (const { member, score, position, distance } of wanted) {
    if (extras > 0) ctx.reply.array(extras + 1)
    ctx.reply.bulk(member)
    if (request.withDistance) ctx.reply.latin1(distanceText(distance / request.unit))
    if (request.withHash) ctx.reply.integer(Math.trunc(score))
    if (!request.withPosition) continue
    ctx.reply.array(2)
    writeCoordinate(ctx, position.longitude)
    writeCoordinate(ctx, position.latitude)
  }
}

function store(ctx: CommandContext, form: Form, request: Request, target: Uint8Array, wanted: readonly Found[]) {
  const result = new SortedSetValue()
  result.expect(Number.POSITIVE_INFINITY, 0)
  for (const { member, score, distance } of wanted) result.set(member.slice(), request.storeDistances ? distance / request.unit : score)
  result.pack()
  storeResult(ctx, target, result, form.kind === 'search' ? 'geosearchstore' : 'georadiusstore')
}

/** The source, and the key behind the last STORE or STOREDIST. */
function keysFrom(firstOption: number): KeySpec {
  return (args) => {
    let target: number | undefined
    for (let i = firstOption; i < args.length - 1; i++) {
      if (!args.is(i, 'STORE') && !args.is(i, 'STOREDIST')) continue
      target = ++i
    }
    return target === undefined ? [1] : [1, target]
  }
}

const position = { kind: 'around-position', source: 1, options: 6 } as const
const member = { kind: 'around-member', source: 1, options: 5 } as const

const georadius = defineCommand({
  name: 'GEORADIUS',
  group: 'geo',
  since: '3.2.0',
  summary: 'Returns the members within a distance of a position, or stores them.',
  arity: -6,
  flags: ['write', 'denyoom', 'movablekeys'],
  keys: keysFrom(5),
  run: (ctx, args) => run(ctx, args, { ...position, mayStore: true })
})

const georadiusRo = defineCommand({
  name: 'GEORADIUS_RO',
  group: 'geo',
  since: '3.2.10',
  summary: 'Returns the members within a distance of a position.',
  arity: -6,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => run(ctx, args, { ...position, mayStore: false })
})

const georadiusbymember = defineCommand({
  name: 'GEORADIUSBYMEMBER',
  group: 'geo',
  since: '3.2.0',
  summary: 'Returns the members within a distance of a member, or stores them.',
  arity: -5,
  flags: ['write', 'denyoom', 'movablekeys'],
  keys: keysFrom(5),
  run: (ctx, args) => run(ctx, args, { ...member, mayStore: true })
})

const georadiusbymemberRo = defineCommand({
  name: 'GEORADIUSBYMEMBER_RO',
  group: 'geo',
  since: '3.2.10',
  summary: 'Returns the members within a distance of a member.',
  arity: -5,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => run(ctx, args, { ...member, mayStore: false })
})

const geosearch = defineCommand({
  name: 'GEOSEARCH',
  group: 'geo',
  since: '6.2.0',
  summary: 'Returns the members inside a circle, a box or a polygon.',
  arity: -7,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => run(ctx, args, { kind: 'search', source: 1, options: 2, mayStore: false })
})

const geosearchstore = defineCommand({
  name: 'GEOSEARCHSTORE',
  group: 'geo',
  since: '6.2.0',
  summary: 'Stores the members inside a circle, a box or a polygon.',
  arity: -8,
  flags: ['write', 'denyoom'],
  keys: firstTwoKeys,
  run: (ctx, args) => run(ctx, args, { kind: 'search', source: 2, options: 3, target: 1, mayStore: false })
})

export const geosearchCommands: readonly CommandDefinition[] = [
  georadius,
  georadiusRo,
  georadiusbymember,
  georadiusbymemberRo,
  geosearch,
  geosearchstore
]
