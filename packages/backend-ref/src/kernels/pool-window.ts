import type { PoolGeometry } from '@limbeck/core/kernels'

/** The pixels of one window that lie in the map: their flat indices in one image, `row · width + column`. */
export interface PoolWindow {
  readonly pixels: Int32Array
  count: number
  /** Offset of the first channel of the output pixel, and of the image in the input. */
  output: number
  image: number
}

/** Visits every window in row-major order; the window is the same object each time. */
export function forEachWindow(g: PoolGeometry, visit: (window: PoolWindow) => void): void {
  const window: PoolWindow = {
    pixels: new Int32Array(g.filterHeight * g.filterWidth),
    count: 0,
    output: 0,
    image: 0,
  }
  for (let n = 0; n < g.batch; n++) {
    window.image = n * g.height * g.width * g.channels
    for (let i = 0; i < g.outHeight; i++) {
      for (let j = 0; j < g.outWidth; j++, window.output += g.channels) {
        collectPixels(g, i * g.strideHeight - g.padTop, j * g.strideWidth - g.padLeft, window)
        visit(window)
      }
    }
  }
}

function collectPixels(g: PoolGeometry, top: number, left: number, window: PoolWindow): void {
  window.count = 0
  for (let h = 0; h < g.filterHeight; h++) {
    const row = top + h * g.dilationHeight
    if (row < 0 || row >= g.height) continue
    for (let w = 0; w < g.filterWidth; w++) {
      const column = left + w * g.dilationWidth
      if (column >= 0 && column < g.width) window.pixels[window.count++] = row * g.width + column
    }
  }
}
