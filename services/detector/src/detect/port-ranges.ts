/** Ports as people write them: "22,80,1000-1500". Expects them ascending and distinct. */
export function printPorts(ports: readonly number[]): string {
  const ranges: string[] = []
  for (let from = 0; from < ports.length; ) {
    let to = from
    while (ports[to + 1] === (ports[to] as number) + 1) to++
    ranges.push(to === from ? `${ports[from]}` : `${ports[from]}-${ports[to]}`)
    from = to + 1
  }
  return ranges.join(',')
}
