import { app, type HttpHandler } from '@azure/functions'

/** A function app for the tests of the host: each function shows one thing that the host does. */
const echo: HttpHandler = async (request, context) => ({
  jsonBody: {
    name: context.functionName,
    method: request.method,
    headers: Object.fromEntries(request.headers),
    query: Object.fromEntries(request.query),
    params: request.params,
    body: await request.text(),
  },
})

let started = 0
app.hook.appStart(() => {
  started += 1
})
app.http('started', { route: 'started', methods: ['GET'], handler: () => ({ body: String(started) }) })
app.http('echo', { route: 'echo', methods: ['GET', 'POST'], handler: echo })
app.http('keyed', { route: 'keyed', methods: ['GET'], authLevel: 'function', handler: echo })
app.http('item', { route: 'items/{id}/{part?}', methods: ['GET'], handler: echo })
app.http('anything', { route: 'shadow/{*rest}', methods: ['GET'], handler: echo })
app.http('shadowed', { route: 'shadow/long', methods: ['GET'], handler: echo })
app.http('switchedOff', { route: 'off', methods: ['GET'], handler: echo })
app.http('umlaut', { route: 'umlaut', handler: () => ({ headers: { 'x-name': 'Jörg' }, body: 'never seen' }) })
app.http('failing', {
  route: 'failing',
  handler: () => {
    throw new TypeError('out of order')
  },
})
app.http('cookie', {
  route: 'cookie',
  handler: () => ({
    cookies: [
      { name: 'all', value: 'a b', maxAge: 600, path: '/x', secure: true, sameSite: 'None', httpOnly: true },
      { name: 'dated', value: '1', expires: new Date('2030-01-02T03:04:05Z'), sameSite: 'Lax' },
      { name: 'epoch', value: '1', expires: new Date(0) },
    ],
  }),
})
app.http('talk', {
  route: 'talk',
  handler: (_request, context) => {
    context.warn('from the context')
    console.log('from the console')
    return { body: context.invocationId }
  },
})
app.timer('tick', {
  schedule: '%TICK_SCHEDULE%',
  handler: (timer, context) => context.info(`fired, past due: ${timer.isPastDue}`),
})
app.timer('unscheduled', { schedule: '%NOT_THERE%', handler: () => undefined })
