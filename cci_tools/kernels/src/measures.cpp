#include "arrays.hpp"

void bind_measures(nb::module_&) {}
