import type { CommandArgumentDescription, CommandDescription } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { commandIn, complete, usage } from './command-completion.ts'

const argument = (name: string, more: Partial<CommandArgumentDescription> = {}): CommandArgumentDescription => ({
  name,
  type: 'string',
  token: null,
  optional: false,
  multiple: false,
  arguments: [],
  ...more
})
const command = (name: string, more: Partial<CommandDescription> = {}): CommandDescription => ({
  ...{ name, arity: -2, firstKey: 1, summary: '', group: '', since: '', complexity: '', arguments: [], refusal: null, confirm: false },
  ...more
})
const commands = ['CONFIG GET', 'CONFIG SET', 'GET', 'GETDEL', 'GETEX', 'SET'].map((name) =>
  command(name, { refusal: name === 'GETDEL' ? 'it changes data' : null })
)
const names = (line: string) => complete(commands, line).suggestions.map(({ name }) => name)

describe('completion', () => {
  test('offers what goes on from the first words, what may not be sent last', () => {
    expect(names('')).toEqual([])
    expect(names('conf')).toEqual(['CONFIG GET', 'CONFIG SET'])
    expect(names('config  s')).toEqual(['CONFIG SET'])
    expect(names('config ')).toEqual(['CONFIG GET', 'CONFIG SET'])
    expect(names('ge')).toEqual(['GET', 'GETEX', 'GETDEL'])
    expect(names('get')).toEqual(['GETEX', 'GETDEL'])
    expect(names('get key')).toEqual([])
    expect(names('nosuch')).toEqual([])
  })
  test('knows the command that a line begins with', () => {
    expect(commandIn(commands, ' config  set x')?.name).toBe('CONFIG SET')
    expect(commandIn(commands, 'get set')?.name).toBe('GET')
    expect(commandIn(commands, 'confi')).toBe(null)
  })
  test('writes arguments as the documentation does', () => {
    const set = command('SET', {
      arguments: [
        argument('key', { type: 'key' }),
        argument('value'),
        argument('condition', {
          type: 'oneof',
          optional: true,
          arguments: [argument('nx', { type: 'pure-token', token: 'NX' }), argument('comparison', { token: 'IFEQ' })]
        }),
        argument('seconds', { type: 'integer', token: 'EX', optional: true })
      ]
    })
    expect(usage(set)).toBe('key value [NX | IFEQ comparison] [EX seconds]')
    const pairs = argument('data', { type: 'block', multiple: true, arguments: [argument('field'), argument('value')] })
    expect(usage(command('HSET', { arguments: [argument('key'), pairs] }))).toBe('key field value [field value ...]')
    expect(usage(command('X', { arguments: [argument('where', { type: 'oneof', arguments: [argument('a'), argument('b')] })] }))).toBe(
      '<a | b>'
    )
  })
})
