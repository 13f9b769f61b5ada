const hour = 3_600_000

/**
 * The accounts, from a place that moves on with the hour: a run that has no time for all of them leaves others out than
 * the run before, and nothing has to be stored for that. Multiples of the root of two, whole parts left out, come near
 * every place soon, whether runs come every hour or once a day.
 * @param now milliseconds since the epoch
 */
export function rotated<T extends { ref: string }>(accounts: readonly T[], now: number): readonly T[] {
  const sorted = [...accounts].sort((a, b) => a.ref.length - b.ref.length || (a.ref < b.ref ? -1 : 1))
  const start = Math.floor(sorted.length * ((Math.floor(now / hour) * Math.SQRT2) % 1))
  return [...sorted.slice(start), ...sorted.slice(0, start)]
}
