/** What a log line says; never a secret, token, code, verifier or cookie. */
export interface LogEntry {
  event: string
  [detail: string]: unknown
}

/** The log of one request; every line carries its correlation id. */
export interface Log {
  debug(entry: LogEntry): void
  info(entry: LogEntry): void
  warn(entry: LogEntry): void
  error(entry: LogEntry): void
}
