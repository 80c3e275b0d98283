#include "arrays.hpp"

void bind_match(nb::module_&) {}
