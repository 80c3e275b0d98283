#include "arrays.hpp"

void bind_scan(nb::module_&) {}
