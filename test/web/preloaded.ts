import { registerHooks } from 'node:module'

/** In a fresh process: prints which modules beginning a sign-in loads, with `preload` after that. */
const loaded: string[] = []
registerHooks({
  load(url, context, next) {
    loaded.push(url)
    return next(url, context)
  },
})
if (process.argv[2] === 'preload') await (await import('../../shared/web/app.ts')).preload()
const before = loaded.length
const { createEngine } = await import('../../shared/engine.ts')
const { beginSignIn } = await import('../../shared/signIn/beginSignIn.ts')
// No peer can be reached: what is needed to ask them is loaded by then.
await beginSignIn(createEngine(process.env)).catch(() => undefined)
process.stdout.write(JSON.stringify(loaded.slice(before)), () => process.exit(0))
