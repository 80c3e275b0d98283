#include "arrays.hpp"

void bind_sign(nb::module_&) {}
