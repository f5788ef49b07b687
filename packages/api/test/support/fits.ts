import Value from 'typebox/value'
import { answers } from '../../src/docs/answers.ts'
import type { HttpAnswer } from './browser.ts'

const routes = Object.entries(answers)
  .map(([name, answer]) => ({
    name,
    pattern: new RegExp(`^${name.replaceAll(/:\w+/g, '[^/]+')}$`),
    variables: name.split(':').length,
    answer
  }))
  // Of `/profiles/test` and `/profiles/:id` the one without a variable.
  .sort((a, b) => a.variables - b.variables)

/** Throws when an answer of the api is not what its documents say, whatever test asked. */
export function mustFit(method: string, path: string, { status, json, text }: HttpAnswer): void {
  const route = routes.find(({ pattern }) => pattern.test(`${method} ${path.split('?', 1)[0]}`))
  if (route?.answer.body === undefined || status >= 300) return
  const [first] = Value.Errors(route.answer.body, json)
  if (first !== undefined)
    throw new Error(`${route.name} answers what its documents do not say: ${JSON.stringify(first)} in ${text.slice(0, 500)}`)
}
