/**
 * Stops when the parent is gone. npm puts a shell between, which dies of a SIGTERM without handing it on; the process
 * would stay behind on its port.
 */
export function endWithParent(stop: () => void): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) stop()
  }, 250).unref()
}
