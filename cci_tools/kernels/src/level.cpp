#include "level.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

namespace nb = nanobind;

namespace {

struct Named {
    const char* name;
    Level level;
};

std::vector<Named> available() {
    std::vector<Named> found;
#if defined(__x86_64__)
    __builtin_cpu_init();
    found.push_back({"v2", Level::v2});  // the floor on x86: every 64-bit server since 2009
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("fma"))
        found.push_back({"v3", Level::v3});
    if (found.size() == 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        found.push_back({"v4", Level::v4});
#else
    found.push_back({"portable", Level::portable});
#endif
    return found;
}

std::atomic<Level>& chosen() {
    static std::atomic<Level> level{available().back().level};
    return level;
}

}  // namespace

Level active_level() { return chosen().load(std::memory_order_relaxed); }

void bind_levels(nb::module_& m) {
    m.def("levels", [] {
        std::vector<std::string> names;
        for (const auto& entry : available()) names.emplace_back(entry.name);
        return names;
    }, "Instruction levels that this processor can run, lowest first.");
    m.def("level", [] {
        for (const auto& entry : available())
            if (entry.level == active_level()) return std::string(entry.name);
        return std::string("portable");
    }, "The instruction level in use.");
    m.def("set_level", [](const std::string& name) {
        for (const auto& entry : available())
            if (name == entry.name) {
                chosen().store(entry.level);
                return;
            }
        throw std::invalid_argument("instruction level '" + name + "' is not available on this processor");
    }, nb::arg("name"), "Use a lower instruction level, for tests and benchmarks.");
}
