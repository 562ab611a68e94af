// Device code for nvcc and for the emulation of CUDA (`native/emu`) alike: the spellings that differ, and the
// primitives of tensor cores and asynchronous copies. Everything else in a kernel is ordinary CUDA C++.
//
// Kernels' own `.cu` files include this and `device/launch.h`; host-only `.cc` files must not include it.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <limits>

#include "device/launch.h"

#ifdef CUEMU

#include "shared-memory.h"
#include "tensor-core.h"

// CU_LAUNCH((kernel<4>), grid, block, sharedBytes, arguments…): in the stream of the launching device. A kernel with
// several template arguments stands in brackets.
#define CU_LAUNCH(kernel, grid, block, sharedBytes, ...)                    \
  ::cuemu::launch(#kernel, reinterpret_cast<const void*>(kernel), (grid), (block), (sharedBytes), \
                  ::limbeck::cuda::stream(), [=] { (kernel)(__VA_ARGS__); })
// CU_SHARED(float, tile, [16][17]);
#define CU_SHARED(T, name, ...)                                \
  using name##_shared_t = T __VA_ARGS__;                       \
  static const char name##_key = 0;                            \
  auto& name = *static_cast<name##_shared_t*>(                 \
      ::cuemu::sharedVariable(&name##_key, sizeof(name##_shared_t), alignof(name##_shared_t)))
// The shared memory whose size the launch gives, 128-byte aligned.
#define CU_DYNAMIC_SHARED(T, name) T* name = static_cast<T*>(::cuemu::dynamicShared())
#define CU_UNROLL

#else

#define CU_LAUNCH(kernel, grid, block, sharedBytes, ...) \
  kernel<<<(grid), (block), (sharedBytes), ::limbeck::cuda::stream()>>>(__VA_ARGS__)
#define CU_SHARED(T, name, ...) __shared__ T name __VA_ARGS__
#define CU_DYNAMIC_SHARED(T, name)                                  \
  extern __shared__ __align__(128) unsigned char cuDynamicShared[]; \
  T* name = reinterpret_cast<T*>(cuDynamicShared)
#define CU_UNROLL _Pragma("unroll")

#endif

// A function of device code.
#define CU_FN __device__ __forceinline__

namespace limbeck::cuda {

constexpr int kWarp = 32;
constexpr unsigned kFullMask = 0xffffffffu;

// ---- Narrow floats

// To tf32, halves away from 0 (cvt.rna): the low 13 bits become 0.
CU_FN uint32_t toTf32(float x) {
#ifdef CUEMU
  const uint32_t bits = __float_as_uint(x);
  const bool finite = (bits & 0x7f800000u) != 0x7f800000u;
  return finite ? (bits + 0x1000u) & 0xffffe000u : bits;
#else
  uint32_t bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return bits;
#endif
}

// To bfloat16, half to even; NaN stays NaN.
CU_FN uint16_t toBf16(float x) {
#ifdef CUEMU
  const uint32_t bits = __float_as_uint(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return uint16_t{0x7fff};
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
#else
  uint16_t bits;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
#endif
}

CU_FN float fromBf16(uint16_t x) { return __uint_as_float(static_cast<uint32_t>(x) << 16); }

// Two in a register, as they lie in memory.
CU_FN uint32_t toBf16Pair(float low, float high) {
#ifdef CUEMU
  return toBf16(low) | static_cast<uint32_t>(toBf16(high)) << 16;
#else
  uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
#endif
}
CU_FN float lowOfBf16Pair(uint32_t pair) { return __uint_as_float(pair << 16); }
CU_FN float highOfBf16Pair(uint32_t pair) { return __uint_as_float(pair & 0xffff0000u); }

// ---- Asynchronous copies from global to shared memory (cp.async, sm_80)

// 16 bytes, both sides 16-byte aligned; zeros where not `valid`. `from` must be an address in any case.
CU_FN void copyAsync16(void* to, const void* from, bool valid) {
#ifdef CUEMU
  cuemu::copyAsync(to, from, 16, valid);
#else
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(to));
  const int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(address), "l"(from), "r"(bytes));
#endif
}

// 4 bytes, both sides 4-byte aligned; a zero where not `valid`.
CU_FN void copyAsync4(void* to, const void* from, bool valid) {
#ifdef CUEMU
  cuemu::copyAsync(to, from, 4, valid);
#else
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(to));
  const int bytes = valid ? 4 : 0;
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;\n" ::"r"(address), "l"(from), "r"(bytes));
#endif
}

// Ends a group of copies.
CU_FN void commitCopies() {
#ifdef CUEMU
  cuemu::commitCopies();
#else
  asm volatile("cp.async.commit_group;\n");
#endif
}

// Waits until at most `kept` groups of this thread are under way.
template <int kept>
CU_FN void waitForCopies() {
#ifdef CUEMU
  cuemu::waitForCopies(kept);
#else
  asm volatile("cp.async.wait_group %0;\n" ::"n"(kept));
#endif
}

// ---- Tensor cores (sm_80), fragments as PTX lays them out

// Four 8×8 matrices of 16-bit elements: lane l gives the address of row l % 8 of matrix l / 8.
CU_FN void loadMatrices(uint32_t (&fragment)[4], const void* row) {
#ifdef CUEMU
  cuemu::loadMatrices(fragment, row);
#else
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
               : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
               : "r"(address));
#endif
}

// The same, each matrix transposed.
CU_FN void loadMatricesTransposed(uint32_t (&fragment)[4], const void* row) {
#ifdef CUEMU
  cuemu::loadMatricesTransposed(fragment, row);
#else
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];\n"
               : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
               : "r"(address));
#endif
}

// c (16×8) += a (16×16, rows) · b (16×8, columns), bfloat16.
CU_FN void multiplyBf16(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
#ifdef CUEMU
  cuemu::multiplyFragments<16>(c, [&](int index, int half) {
    const uint32_t pair = index < 4 ? a[index] : b[index - 4];
    return fromBf16(static_cast<uint16_t>(pair >> half * 16));
  });
#else
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

// c (16×8) += a (16×8, rows) · b (8×8, columns), tf32.
CU_FN void multiplyTf32(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
#ifdef CUEMU
  cuemu::multiplyFragments<8>(c, [&](int index, int) { return __uint_as_float(index < 4 ? a[index] : b[index - 4]); });
#else
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

// ---- Warps and blocks: every lane, or every thread, takes part and gets the result. The order is fixed.

template <typename T, typename Join>
CU_FN T warpJoin(T value, Join join) {
  CU_UNROLL
  for (int distance = kWarp / 2; distance > 0; distance /= 2) {
    value = join(value, __shfl_xor_sync(kFullMask, value, distance));
  }
  return value;
}

// Of THREADS threads in one dimension. `none` is what changes nothing.
template <int THREADS, typename T, typename Join>
CU_FN T blockJoin(T value, T none, Join join) {
  constexpr int kWarps = THREADS / kWarp;
  CU_SHARED(T, ofWarps, [kWarps]);
  value = warpJoin(value, join);
  if constexpr (kWarps == 1) return value;
  __syncthreads();  // a call before this one may still be reading
  if (threadIdx.x % kWarp == 0) ofWarps[threadIdx.x / kWarp] = value;
  __syncthreads();
  const int lane = threadIdx.x % kWarp;
  return warpJoin(lane < kWarps ? ofWarps[lane] : none, join);
}

struct Add {
  template <typename T>
  CU_FN T operator()(T a, T b) const {
    return a + b;
  }
};

template <typename T>
CU_FN T warpSum(T value) {
  return warpJoin(value, Add{});
}
CU_FN float warpMax(float value) {
  return warpJoin(value, [](float a, float b) { return fmaxf(a, b); });
}
template <int THREADS, typename T>
CU_FN T blockSum(T value) {
  return blockJoin<THREADS>(value, T{0}, Add{});
}

// ---- Loops over elements

constexpr int kLoopThreads = 256;

template <typename Body>
__global__ void __launch_bounds__(kLoopThreads) eachElement(int64_t count, Body body) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) body(i);
}

// forEach(count, [=] __device__ (int64_t i) { … }) for i in 0…count-1.
template <typename Body>
void forEach(int64_t count, Body body) {
  if (count <= 0) return;
  const int64_t blocks = (count + kLoopThreads - 1) / kLoopThreads, most = 16 * static_cast<int64_t>(multiprocessors());
  CU_LAUNCH((eachElement<Body>), static_cast<unsigned>(blocks < most ? blocks : most), kLoopThreads, 0, count, body);
}

}  // namespace limbeck::cuda
