import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { freePort } from '../host/hostProcess.ts'
import { signIn } from './stage.ts'
import { UserAgent } from './userAgent.ts'

test('npm start serves a newcomer at one address, and Ctrl-C stops everything', async () => {
  const port = await freePort()
  const child = spawn(process.execPath, ['infra/scripts/start.ts'], { env: { ...process.env, PORT: String(port) } })
  let printed = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.includes('Ctrl-C')) resolve()
    })
    child.once('exit', () => reject(new Error(printed)))
  })
  const address = /^Open {2}(\S+)$/m.exec(printed)?.[1] ?? ''
  expect(address).toBe(`http://localhost:${port}/login`)

  const landed = await signIn({ host: { url: new URL(address).origin } }, 'alice')
  const page = await new UserAgent().visit(landed.location ?? '')
  expect(page.body).toContain('alice.adams@contoso.com')

  const closed = once(child, 'exit')
  child.kill('SIGINT')
  expect((await closed)[0]).toBe(0)
  for (const url of [address, landed.location ?? '']) await expect(fetch(url)).rejects.toThrow('fetch failed')
})
