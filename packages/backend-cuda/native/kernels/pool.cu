#include "cu.h"
#include "kernels/map-place.h"
#include "kernels/vector.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::Divisor;
using cuda::forEach;

// The windows of a pool along one axis of the map.
class PoolAxis {
 public:
  PoolAxis(int length, int taps, int windows, int stride, int pad, int dilation)
      : length_(length), taps_(taps), windows_(windows), pad_(pad), stride_(stride), dilation_(dilation) {}

  // The places of a window that lie in the map: `count` of them from `first` on, `step` apart.
  struct Span {
    int first, step, count;
  };
  CU_FN Span spanOf(int window) const {
    const int start = window * stride_.value() - pad_, step = dilation_.value();
    const auto steps = [&](int distance) {
      return static_cast<int>(dilation_.divide(static_cast<unsigned>(distance)).quotient);
    };
    const int begin = start >= 0 ? 0 : steps(step - 1 - start);
    const int end = start >= length_ ? 0 : min(taps_, steps(length_ - 1 - start) + 1);
    return {start + begin * step, step, max(end - begin, 0)};
  }

  // Calls visit(window) for every window that holds a place, in the order of the taps that do.
  template <typename Visit>
  CU_FN void eachWindowAround(int place, const Visit& visit) const {
    const int padded = place + pad_, reach = (taps_ - 1) * dilation_.value();
    const int last = static_cast<int>(stride_.divide(static_cast<unsigned>(padded)).quotient);
    for (int window = min(last, windows_ - 1); window >= 0; window--) {
      const int distance = padded - window * stride_.value();
      if (distance > reach) return;
      if (dilation_.divide(static_cast<unsigned>(distance)).remainder == 0) visit(window);
    }
  }

 private:
  int length_, taps_, windows_, pad_;
  Divisor stride_, dilation_;
};

struct PoolWindows {
  PoolAxis rows, columns;
  explicit PoolWindows(const PoolInts& p)
      : rows(p.height, p.filterHeight, p.outHeight, p.strideHeight, p.padTop, p.dilationHeight),
        columns(p.width, p.filterWidth, p.outWidth, p.strideWidth, p.padLeft, p.dilationWidth) {}

  // Calls visit(row, column) for every place of a window in the map.
  template <typename Visit>
  CU_FN void eachPlaceIn(int row, int column, const Visit& visit) const {
    const PoolAxis::Span down = rows.spanOf(row), across = columns.spanOf(column);
    for (int h = 0; h < down.count; h++) {
      for (int w = 0; w < across.count; w++) visit(down.first + h * down.step, across.first + w * across.step);
    }
  }
  CU_FN float placesIn(int row, int column) const {
    return static_cast<float>(rows.spanOf(row).count * columns.spanOf(column).count);
  }
  // Calls visit(row, column) for every window that holds a place.
  template <typename Visit>
  CU_FN void eachWindowAround(int row, int column, const Visit& visit) const {
    rows.eachWindowAround(row, [&](int down) {
      columns.eachWindowAround(column, [&](int across) { visit(down, across); });
    });
  }
};

template <typename T, int WIDTH>
void averageWindows(Form<T, WIDTH> form, const PoolInts& p, const float* xData, float* yData) {
  const T* x = form.of(xData);
  T* y = form.of(yData);
  const PoolWindows windows(p);
  const Map map = mapOf(p);
  const MapVectors<WIDTH> vectors(outMapOf(p));
  forEach(vectors.count(), [=] __device__(int64_t i) {
    const MapPlace at = vectors.placeOf(i);
    auto mean = filled<WIDTH>(0.0f);
    windows.eachPlaceIn(at.row, at.column, [&](int row, int column) {
      const auto values = load<WIDTH>(x + map.offsetOf(at.image, row, column, at.channel));
      CU_UNROLL
      for (int k = 0; k < WIDTH; k++) mean[k] += values[k];
    });
    const float places = windows.placesIn(at.row, at.column);
    CU_UNROLL
    for (int k = 0; k < WIDTH; k++) mean[k] /= places;
    store(y + i * WIDTH, mean);
  });
}

template <typename T, int WIDTH>
void shareOutMeans(Form<T, WIDTH> form, const PoolInts& p, const float* dyData, float* dxData) {
  const T* dy = form.of(dyData);
  T* dx = form.of(dxData);
  const PoolWindows windows(p);
  const Map out = outMapOf(p);
  const MapVectors<WIDTH> vectors(mapOf(p));
  forEach(vectors.count(), [=] __device__(int64_t i) {
    const MapPlace at = vectors.placeOf(i);
    auto sum = filled<WIDTH>(0.0f);
    windows.eachWindowAround(at.row, at.column, [&](int row, int column) {
      const auto slopes = load<WIDTH>(dy + out.offsetOf(at.image, row, column, at.channel));
      const float places = windows.placesIn(row, column);
      CU_UNROLL
      for (int k = 0; k < WIDTH; k++) sum[k] += slopes[k] / places;
    });
    store(dx + i * WIDTH, sum);
  });
}

template <typename T, int WIDTH>
void largestOfWindows(Form<T, WIDTH> form, const PoolInts& p, const float* xData, float* yData, int32_t* index) {
  const T* x = form.of(xData);
  T* y = form.of(yData);
  const PoolWindows windows(p);
  const Map map = mapOf(p);
  const MapVectors<WIDTH> vectors(outMapOf(p));
  forEach(vectors.count(), [=] __device__(int64_t i) {
    const MapPlace at = vectors.placeOf(i);
    auto best = filled<WIDTH>(-INFINITY);
    auto chosen = filled<WIDTH>(int32_t{-1});
    windows.eachPlaceIn(at.row, at.column, [&](int row, int column) {
      const auto values = load<WIDTH>(x + map.offsetOf(at.image, row, column, at.channel));
      CU_UNROLL
      for (int k = 0; k < WIDTH; k++) {
        const float value = values[k];
        if (chosen[k] < 0 || value > best[k] || (value != value && best[k] == best[k])) {
          best[k] = value;
          chosen[k] = row * map.width + column;
        }
      }
    });
    store(y + i * WIDTH, best);
    if (index) store(index + i * WIDTH, chosen);
  });
}

template <typename T, int WIDTH>
void giveToLargest(Form<T, WIDTH> form, const PoolInts& p, const float* dyData, const int32_t* index, float* dxData) {
  const T* dy = form.of(dyData);
  T* dx = form.of(dxData);
  const PoolWindows windows(p);
  const Map out = outMapOf(p);
  const MapVectors<WIDTH> vectors(mapOf(p));
  forEach(vectors.count(), [=] __device__(int64_t i) {
    const MapPlace at = vectors.placeOf(i);
    const int32_t own = at.row * p.width + at.column;
    auto sum = filled<WIDTH>(0.0f);
    windows.eachWindowAround(at.row, at.column, [&](int row, int column) {
      const int window = out.offsetOf(at.image, row, column, at.channel);
      const auto chosen = load<WIDTH>(index + window);
      const auto slopes = load<WIDTH>(dy + window);
      CU_UNROLL
      for (int k = 0; k < WIDTH; k++) sum[k] += chosen[k] == own ? slopes[k] : 0;
    });
    store(dx + i * WIDTH, sum);
  });
}

}  // namespace

void avgPool(const PoolInts& p, const float* x, float* y) {
  inVectors(0, p.channels, [&](auto form) { averageWindows(form, p, x, y); });
}

void avgPoolGrad(const PoolInts& p, const float* dy, float* dx) {
  inVectors(0, p.channels, [&](auto form) { shareOutMeans(form, p, dy, dx); });
}

void maxPool(const PoolInts& p, const float* x, float* y, int32_t* index) {
  inVectors(0, p.channels, [&](auto form) { largestOfWindows(form, p, x, y, index); });
}

void maxPoolGrad(const PoolInts& p, const float* dy, const int32_t* index, float* dx) {
  inVectors(0, p.channels, [&](auto form) { giveToLargest(form, p, dy, index, dx); });
}

}  // namespace limbeck::kernels
