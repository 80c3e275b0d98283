// The verified graph: who stays, and which candidates belong together.
#include <algorithm>

#include "match.hpp"

namespace {

// The edges come sorted by `worse`, then `better`, and better < worse: all of them are ranks.
void keep_first(Input<uint32_t> better, Input<uint32_t> worse, Input<double> similarity, Output<int64_t> winner,
                Output<double> score) {
    const size_t edges = better.shape(0), n = winner.shape(0);
    require(worse.shape(0) == edges && similarity.shape(0) == edges && score.shape(0) == n,
            "better, worse and similarity: the same length is needed");
    const uint32_t *const u = better.data(), *const v = worse.data();
    for (size_t i = 0; i < edges; ++i)
        require(u[i] < v[i] && v[i] < n && (i == 0 || v[i - 1] <= v[i]), "edges: not sorted by the worse rank");
    nb::gil_scoped_release release;
    int64_t* const kept_by = winner.data();
    std::fill(kept_by, kept_by + n, -1);
    std::fill(score.data(), score.data() + n, 0.0);
    for (size_t i = 0; i < edges; ++i) {
        if (kept_by[u[i]] >= 0) continue;  // removed itself: its edges count for nothing
        const double s = similarity.data()[i];
        if (kept_by[v[i]] < 0 || s > score.data()[v[i]]) {
            kept_by[v[i]] = u[i];
            score.data()[v[i]] = s;
        }
    }
}

void components(Input<int64_t> a, Input<int64_t> b, Output<int64_t> component) {
    const size_t n = component.shape(0);
    require(a.shape(0) == b.shape(0), "a, b: the same length is needed");
    int64_t* const parent = component.data();
    const auto valid = [n](int64_t i) { return i >= 0 && static_cast<size_t>(i) < n; };
    for (size_t i = 0; i < a.shape(0); ++i) require(valid(a.data()[i]) && valid(b.data()[i]), "a, b: beyond the nodes");
    nb::gil_scoped_release release;
    for (size_t i = 0; i < n; ++i) parent[i] = static_cast<int64_t>(i);
    const auto root = [parent](int64_t i) {
        while (parent[i] != i) i = parent[i] = parent[parent[i]];
        return i;
    };
    for (size_t i = 0; i < a.shape(0); ++i) {
        const int64_t x = root(a.data()[i]), y = root(b.data()[i]);
        parent[std::max(x, y)] = std::min(x, y);  // the lowest node names the component
    }
    for (size_t i = 0; i < n; ++i) parent[i] = root(static_cast<int64_t>(i));
}

}  // namespace

void bind_match_graph(nb::module_& m) {
    using namespace nb::literals;
    m.def("keep_first", &keep_first, "better"_a, "worse"_a, "similarity"_a, "winner"_a, "score"_a,
          "Lexicographically first maximal independent set: the kept neighbour of each removed rank, -1 for the kept.");
    m.def("components", &components, "a"_a, "b"_a, "component"_a,
          "Connected components: the lowest node of the component of each node.");
}
