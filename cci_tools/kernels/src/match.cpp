#include "match.hpp"

void bind_match(nb::module_& m) {
    bind_match_candidates(m);
    bind_match_verify(m);
    bind_match_numbers(m);
    bind_match_graph(m);
}
