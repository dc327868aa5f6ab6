import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { Channel } from '../../base/index.ts'
import { connectTls, freshCode, listenTls } from './tls.ts'

const linked = async (): Promise<readonly [Channel, Channel]> => {
  const code = freshCode()
  const listener = await listenTls({ port: 0, code })
  return Promise.all([listener.accepted, connectTls({ port: listener.port, code: code.toLowerCase().replace('-', ' ') })])
}

test('frames of any size arrive in order both ways', async () => {
  const [a, b] = await linked()
  const sizes = [0, 1, 3, 4, 5, 16_384, 70_000, 3_000_000, 0, 7]
  for (const size of sizes) {
    void a.send(new Uint8Array(size).fill(size % 251))
    void b.send(new Uint8Array(size).fill(size % 241))
  }
  for (const size of sizes) {
    expect(await b.receive()).toEqual(new Uint8Array(size).fill(size % 251))
    expect(await a.receive()).toEqual(new Uint8Array(size).fill(size % 241))
  }
  await a.close()
  await expect(b.receive()).rejects.toMatchObject({ code: 'channel-closed' })
  await expect(a.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'channel-closed' })
  await b.close()
})

test('a sender may reuse its array', async () => {
  const [a, b] = await linked()
  const frame = Uint8Array.of(1, 2, 3)
  const sent = a.send(frame)
  frame.fill(9)
  await sent
  expect(await b.receive()).toEqual(Uint8Array.of(1, 2, 3))
  await Promise.all([a.close(), b.close()])
})

test('another code is refused on both sides, and three times ends the listener', async () => {
  const listener = await listenTls({ port: 0, code: 'ABCD-EFGH' })
  for (let attempt = 0; attempt < 3; attempt++)
    await expect(connectTls({ port: listener.port, code: 'ABCD-EFGK' })).rejects.toMatchObject({ code: 'tls-code' })
  await expect(listener.accepted).rejects.toMatchObject({ code: 'tls-code' })
})

test('a stranger on the port does no harm', async () => {
  const code = freshCode()
  const listener = await listenTls({ port: 0, code })
  const stranger = connect(listener.port, '127.0.0.1')
  stranger.on('error', () => undefined)
  stranger.write('GET / HTTP/1.1\r\nHost: somewhere-with-a-long-name.example\r\n\r\n')
  const [a, b] = await Promise.all([listener.accepted, connectTls({ port: listener.port, code })])
  await a.send(Uint8Array.of(5))
  expect(await b.receive()).toEqual(Uint8Array.of(5))
  await Promise.all([a.close(), b.close()])
  stranger.destroy()
})

test('nobody there, a short code, a closed listener: said so', async () => {
  const listener = await listenTls({ port: 0, code: freshCode() })
  listener.close()
  await expect(listener.accepted).rejects.toMatchObject({ code: 'tls-closed' })
  await expect(connectTls({ port: listener.port, code: freshCode() })).rejects.toMatchObject({ code: 'tls-lost' })
  await expect(connectTls({ port: 1, code: '12-3' })).rejects.toMatchObject({ code: 'tls-code-short' })
})
