/** The newest version of each library's symbols that a program asks for, from the output of `objdump -T`: `{ GLIBC: '2.34' }`. */
export function symbolVersions(listing) {
  const newest = {}
  for (const [, library, version] of listing.matchAll(/\*UND\*.*?\b([A-Z]+)_([0-9.]+)\b/g)) {
    if (!newest[library] || newerThan(version, newest[library])) newest[library] = version
  }
  return newest
}

/** Whether one version, such as `2.34`, comes after another. */
export function newerThan(a, b) {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number))
  const at = x.findIndex((number, i) => number !== (y[i] ?? 0))
  return at >= 0 && x[at] > (y[at] ?? 0)
}
