// Which instruction level the kernels use: the best that this processor has, or a lower one that a test asks for.
#pragma once

enum class Level { portable, v2, v3, v4 };

Level active_level();
