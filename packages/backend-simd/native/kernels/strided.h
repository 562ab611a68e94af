// Walks over index spaces of several axes, row by row.
#pragma once

#include <array>
#include <cstdint>

#include "limbeck/params.h"

namespace limbeck::LIMBECK_TARGET {

// Rows of an index space: every axis but the last, with the offsets of a row's start in some operands.
template <int Operands>
class Rows {
 public:
  Rows(int rank, const int32_t* shape, std::array<const int32_t*, Operands> strides)
      : outer_(rank - 1), shape_(shape), strides_(strides) {
    for (int axis = 0; axis < outer_; axis++) count_ *= shape[axis];
  }

  int64_t count() const { return count_; }

  // Calls visit(row, offsets) for rows begin…end-1.
  template <typename Visit>
  void each(int64_t begin, int64_t end, const Visit& visit) const {
    std::array<int32_t, kMaxRank> index{};
    std::array<int64_t, Operands> offsets{};
    int64_t rest = begin;
    for (int axis = outer_ - 1; axis >= 0; axis--) {
      index[axis] = static_cast<int32_t>(rest % shape_[axis]);
      rest /= shape_[axis];
      for (int k = 0; k < Operands; k++) offsets[k] += static_cast<int64_t>(index[axis]) * strides_[k][axis];
    }
    if (outer_ == 1) {
      for (int64_t row = begin; row < end; row++) {
        visit(row, offsets);
        for (int k = 0; k < Operands; k++) offsets[k] += strides_[k][0];
      }
      return;
    }
    for (int64_t row = begin; row < end; row++) {
      visit(row, offsets);
      for (int axis = outer_ - 1; axis >= 0; axis--) {
        for (int k = 0; k < Operands; k++) offsets[k] += strides_[k][axis];
        if (++index[axis] < shape_[axis]) break;
        for (int k = 0; k < Operands; k++) offsets[k] -= static_cast<int64_t>(shape_[axis]) * strides_[k][axis];
        index[axis] = 0;
      }
    }
  }

 private:
  int outer_;
  const int32_t* shape_;
  std::array<const int32_t*, Operands> strides_;
  int64_t count_ = 1;
};

}  // namespace limbeck::LIMBECK_TARGET
