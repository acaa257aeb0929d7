/** Ports as people write them: "22,80,1000-1500". Expects them ascending and distinct. */
export function printPorts(ports: readonly number[]): string {
  // numbers stand in the list as they are: join prints them faster, and into one flat string
  const ranges: (number | string)[] = []
  const last = ports.length - 1
  for (let from = 0; from <= last; ) {
    const first = ports[from] as number
    let to = from
    while (to < last && ports[to + 1] === (ports[to] as number) + 1) to++
    ranges.push(to === from ? first : `${first}-${ports[to]}`)
    from = to + 1
  }
  return ranges.join(',')
}
