// 32-bit integer lanes, as wide as the instruction level has them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../sign.hpp"

namespace CCI_LEVEL {

#if defined(__AVX512F__)
constexpr size_t LANES32 = 16;
#elif defined(__AVX2__)
constexpr size_t LANES32 = 8;
#else
constexpr size_t LANES32 = 4;
#endif
typedef uint32_t Lanes32 __attribute__((vector_size(4 * LANES32)));

}  // namespace CCI_LEVEL
