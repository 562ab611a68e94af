#include "folded-softmax.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace limbeck::cuda {

Grouping groupingOf(const int32_t* groups, int classes, int names) {
  std::vector<int32_t> members(classes), starts(names + 1);
  std::iota(members.begin(), members.end(), 0);
  members.erase(std::remove_if(members.begin(), members.end(), [&](int c) { return groups[c] == kExcluded; }), members.end());
  const auto place = [&](int c) { return groups[c] < 0 ? names : groups[c]; };
  std::stable_sort(members.begin(), members.end(), [&](int a, int b) { return place(a) < place(b); });
  for (const int c : members) {
    if (groups[c] >= 0) starts[groups[c] + 1]++;
  }
  std::partial_sum(starts.begin(), starts.end(), starts.begin());

  std::vector<int32_t> all(groups, groups + classes);
  all.insert(all.end(), members.begin(), members.end());
  all.insert(all.end(), starts.begin(), starts.end());
  const int32_t* device = uploadedOf(all.data(), all.size());
  const int participants = static_cast<int>(members.size());
  return {device, device + classes, device + classes + participants, classes, names, participants};
}

Grouping eachForItself(int classes) {
  std::vector<int32_t> groups(classes);
  std::iota(groups.begin(), groups.end(), 0);
  return groupingOf(groups.data(), classes, classes);
}

}  // namespace limbeck::cuda
