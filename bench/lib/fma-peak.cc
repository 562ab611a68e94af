// The rate at which this machine's cores multiply and add floats, with nothing else to do: what a product cannot exceed.
// c++ -O3 -march=native -pthread fma-peak.cc; fma-peak THREADS prints GFLOP/s.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#if defined(__AVX512F__)
constexpr int kBytes = 64;
#elif defined(__AVX__)
constexpr int kBytes = 32;
#else
constexpr int kBytes = 16;
#endif
typedef float Vector __attribute__((vector_size(kBytes)));

// Enough independent sums to hide the latency of an FMA (4 or 5 cycles, two a cycle), few enough for 16 registers.
constexpr int kSums = 12;
constexpr long kSteps = 4'000'000;

static volatile float seed = 1e-9f, sink;

static void multiplyAndAdd() {
  Vector sums[kSums];
  for (Vector& sum : sums) sum = Vector{} + seed;  // read anew each time: equal sums would be computed once
  const Vector factor = Vector{} + seed, term = Vector{} + seed;
  for (long step = 0; step < kSteps; step++) {
    for (int i = 0; i < kSums; i++) sums[i] = sums[i] * factor + term;
  }
  Vector sum = {};
  for (const Vector& one : sums) sum += one;
  sink = sum[0];
}

int main(int, char** words) {
  const int threads = std::atoi(words[1]);
  double best = 0;
  for (int round = 0; round < 8; round++) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> team;
    for (int i = 0; i < threads; i++) team.emplace_back(multiplyAndAdd);
    for (auto& thread : team) thread.join();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::max(best, 2.0 * threads * kSteps * kSums * (kBytes / 4) / seconds / 1e9);
  }
  std::printf("%.1f\n", best);
}
