import type { HttpResponseInit } from '@azure/functions'
import * as v from 'valibot'
import { AppError } from '../failure.ts'
import { reconcile } from '../reconcile/reconcile.ts'
import { modes } from '../reconcile/report.ts'
import { readBody } from '../web/body.ts'
import { currentEngine } from '../web/currentEngine.ts'
import type { Exchange } from '../web/exchange.ts'
import { renderJson } from '../web/page.ts'

const bodySchema = v.pipe(v.string(), v.parseJson(), v.strictObject({ mode: v.picklist(modes) }))

/** The longest body that can be meant, in bytes. */
const longestBody = 1024

/** `POST /config/microsoft/reconcile`: one run now, whose report is the answer, also when it failed or was stopped. */
export async function reconcileNow({ request, log, signal }: Exchange): Promise<HttpResponseInit> {
  const body = v.safeParse(bodySchema, (await readBody(request, longestBody))?.toString('utf8'))
  if (!body.success)
    throw new AppError({ code: 'bad_request', problem: 'the body must be {"mode": "report"} or {"mode": "enforce"}' })
  return renderJson(200, await reconcile(currentEngine(), body.output.mode, log, signal))
}
