import type { HostileRequest } from './request.ts'

/** Requests that once showed a fault; they are tried first in every run. */
export const kept: readonly HostileRequest[] = []
