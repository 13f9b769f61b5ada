import type { HttpResponseInit } from '@azure/functions'
import { explain } from '../catalogue.ts'
import { answerCentral } from '../central/answerCentral.ts'
import { longestDocument, readCentralDocument } from '../central/centralDocument.ts'
import { AppError, failureOf } from '../failure.ts'
import { readBody } from './body.ts'
import { currentEngine } from './currentEngine.ts'
import type { Exchange } from './exchange.ts'
import { renderJson } from './page.ts'

/** `POST /central/auth_cb`: Central's document in, Central's document out. */
export async function central({ request, log, correlationId, signal }: Exchange): Promise<HttpResponseInit> {
  const body = await readBody(request, longestDocument)
  if (body === undefined) throw new AppError({ code: 'bad_request', problem: 'the document is too long' })
  const document = readCentralDocument(body.toString('utf8'))
  return renderJson(200, await answerCentral(currentEngine(), document, { correlationId, signal }, log))
}

/** The error document of the contract, with the catalogue's sentence and a reference to the log. */
export async function failForCentral(error: unknown, correlationId: string): Promise<HttpResponseInit> {
  const failure = failureOf(error)
  const { status, user } = explain(failure)
  return renderJson(status, {
    error: failure.code === 'bad_request' ? 'InvalidInput' : 'MMException',
    description: `${user} (${failure.code === 'bad_request' ? failure.problem : failure.code}, reference ${correlationId})`,
  })
}
