import { randomUUID } from 'node:crypto'
import { Refusal } from '../server.ts'

/** An error as Microsoft Graph words it ("Microsoft Graph error responses and resource types"). */
export class GraphError extends Refusal<string> {
  body(requestId: string = randomUUID()): Record<string, unknown> {
    const date = new Date().toISOString().slice(0, 19)
    const innerError = { date, 'request-id': requestId, 'client-request-id': requestId }
    return { error: { code: this.code, message: this.message, innerError } }
  }
}

export const invalidToken = (message: string): GraphError => new GraphError(401, 'InvalidAuthenticationToken', message)

export const denied = (): GraphError =>
  new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.')

export const notFound = (name: string): GraphError =>
  new GraphError(404, 'Request_ResourceNotFound', `Resource '${name}' does not exist.`)
