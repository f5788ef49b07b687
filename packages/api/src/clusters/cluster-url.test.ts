import { describe, expect, test } from 'vitest'
import { parseClusterUrl } from './cluster-url.ts'

describe('address of a cluster', () => {
  test('host, port, user, password, TLS', () => {
    expect(parseClusterUrl('valkey://127.0.0.1:7000')).toEqual({
      seed: { host: '127.0.0.1', port: 7000 },
      username: undefined,
      password: undefined,
      tls: false
    })
    expect(parseClusterUrl('rediss://ann:p%40ss%25@[::1]')).toEqual({
      seed: { host: '::1', port: 6379 },
      username: 'ann',
      password: 'p@ss%',
      tls: true
    })
    expect(parseClusterUrl('redis://:secret@h/')).toMatchObject({ username: undefined, password: 'secret', tls: false })
    expect(parseClusterUrl('valkeys://h:6380')).toMatchObject({ seed: { host: 'h', port: 6380 }, tls: true })
  })
  test.each([
    ['', 'must look like'],
    ['127.0.0.1:7000', 'must look like'],
    ['http://h:1', 'is not known'],
    ['valkey://', 'has no host'],
    ['valkey://h/3', 'takes no path'],
    ['valkey://h?x=1', 'takes no "?"'],
    ['valkey://h:99999', 'must look like'],
    ['valkey://ann:100%@h', '%25']
  ])('refuses %j', (text, words) => expect(() => parseClusterUrl(text)).toThrow(words))

  test('[T13] an error never repeats the password', () => {
    for (const url of ['nope://ann:canary@h', 'valkey://ann:canary@h/3', 'valkey://ann:canary%@h', 'valkey://ann:canary@h:99999']) {
      const error = thrown(() => parseClusterUrl(url))
      expect(error).toBeInstanceOf(Error)
      expect(`${error}\n${(error as Error).stack}`).not.toContain('canary')
    }
  })
})

function thrown(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}
