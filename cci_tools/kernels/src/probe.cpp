#include "arrays.hpp"

void bind_probe(nb::module_&) {}
