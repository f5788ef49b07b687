import { apiErrors } from '../errors.ts'
import { leastRole } from '../security/authorise.ts'
import type { RouteRule } from '../security/gate.ts'
import type { Answer } from './answer.ts'
import { answers } from './answers.ts'
import { failure } from './own-answers.ts'

type Json = Readonly<Record<string, unknown>>

/** One operation, as the page and the document show it. */
export type Operation = {
  readonly method: string
  /** With `{name}` for what varies. */
  readonly path: string
  readonly says: string
  /** `everyone`, or the least role. */
  readonly role: string
  readonly parameters: readonly Parameter[]
  readonly body: { readonly required: boolean; readonly schema: unknown } | undefined
  readonly answer: Answer
  /** Of failures that this route can meet. */
  readonly statuses: readonly number[]
}
export type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: unknown
}

/** Every route but the files of the console, in the order of the table. */
export function operationsOf(rules: readonly RouteRule[]): readonly Operation[] {
  return rules.filter((rule) => rule.url !== '/*').map(operationOf)
}

function operationOf({ method, url, access, schema }: RouteRule): Operation {
  const answer = answers[`${method} ${url}`] ?? { says: '' }
  const changes = method !== 'GET'
  const parameters = [
    ...parametersIn('path', schema?.params),
    ...parametersIn('query', schema?.querystring),
    ...(changes ? [{ name: 'x-slotscope', in: 'header', required: true, schema: { const: '1' } } as const] : [])
  ]
  const body = schema?.body === undefined ? undefined : { required: isRequired(schema.body), schema: plain(schema.body) }
  const statuses = new Set<number>([421, 500])
  if (schema !== undefined) statuses.add(400)
  if (access !== 'everyone') for (const status of [401, 403]) statuses.add(status)
  if (url.startsWith('/api/login')) statuses.add(401)
  if (changes) for (const status of [403, 415]) statuses.add(status)
  if (url.includes(':')) statuses.add(404)
  if (changes && url.includes(':')) statuses.add(409)
  if (url.includes(':cluster') || url.startsWith('/api/login')) statuses.add(429)
  if (url.includes(':cluster')) for (const status of [502, 503]) statuses.add(status)
  return {
    method,
    path: url.replaceAll(/:(\w+)/g, '{$1}'),
    says: answer.says,
    role: access === 'everyone' ? 'everyone' : leastRole[access],
    parameters,
    body,
    answer,
    statuses: [...statuses].sort((a, b) => a - b)
  }
}

/** The whole api as an OpenAPI 3.1 document, whose schemas are JSON Schema as the routes check it. */
export function openApi(rules: readonly RouteRule[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const operation of operationsOf(rules)) {
    paths[operation.path] ??= {}
    ;(paths[operation.path] as Record<string, Json>)[operation.method.toLowerCase()] = documentOf(operation)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Slotscope',
      version,
      description:
        'Bytes (keys, fields, values) are base64url without padding. State does not travel by these routes: it comes off the stream. Each operation says the least role that it takes as `x-least-role`.'
    },
    paths,
    components: {
      schemas: { Failure: plain(failure) as Json },
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'slotscope-<port>',
          description: 'Set by a login; `__Host-slotscope-<port>` under TLS.'
        },
        metrics: { type: 'http', scheme: 'bearer', description: 'The token of the metrics, for `/metrics` alone.' }
      }
    },
    'x-error-codes': apiErrors
  }
}

function documentOf({ method, path, says, role, parameters, body, answer, statuses }: Operation): Json {
  const { status = 200, type = 'application/json', body: schema } = answer
  const hasBody = status !== 204 && status !== 101
  const failed = { description: 'It failed.', content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } } }
  return {
    operationId: `${method.toLowerCase()} ${path}`.replaceAll(/[^A-Za-z0-9]+/g, '-').replace(/-$/, ''),
    summary: says,
    'x-least-role': role,
    security: role === 'everyone' ? [] : path === '/metrics' ? [{ session: [] }, { metrics: [] }] : [{ session: [] }],
    parameters,
    ...(body === undefined ? {} : { requestBody: { required: body.required, content: { 'application/json': { schema: body.schema } } } }),
    responses: {
      [status]: {
        description: says,
        ...(hasBody ? { content: { [type.split(';', 1)[0] ?? type]: { schema: schema === undefined ? {} : plain(schema) } } } : {})
      },
      ...Object.fromEntries(statuses.map((code) => [code, failed]))
    }
  }
}

function parametersIn(place: 'path' | 'query', schema: unknown): Parameter[] {
  const { properties = {}, required = [] } = (plain(schema) ?? {}) as { properties?: Json; required?: readonly string[] }
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: one
  }))
}

/** A schema as JSON: without what the library keeps beside it. */
function plain(schema: unknown): unknown {
  return schema === undefined ? undefined : JSON.parse(JSON.stringify(schema, (key, value) => (key.startsWith('~') ? undefined : value)))
}

/** Routes whose body may be absent also take null. */
function isRequired(body: unknown): boolean {
  return !(typeof body === 'object' && body !== null && '~optional' in body)
}
