// The Python module: each kernel file binds its own functions.
#include <nanobind/nanobind.h>

namespace nb = nanobind;

void bind_levels(nb::module_&);
void bind_jsonl(nb::module_&);
void bind_sign(nb::module_&);
void bind_match(nb::module_&);
void bind_measures(nb::module_&);
void bind_scan(nb::module_&);
void bind_script(nb::module_&);
void bind_probe(nb::module_&);
void bind_privacy(nb::module_&);
void bind_page(nb::module_&);
void bind_passages(nb::module_&);
void bind_perplexity(nb::module_&);
void bind_keywords(nb::module_&);

NB_MODULE(_cci_tools_core, m) {
    m.doc() = "Compiled core of cci-tools: functions over Arrow string buffers";
    // Models are held by caches until the process ends; that is no leak to tell a user about.
    nb::set_leak_warnings(false);
    // Raised by one when a function's arguments or results change, so that a stale build is named and not guessed at.
    m.attr("INTERFACE") = 4;
    bind_levels(m);
    bind_jsonl(m);
    bind_sign(m);
    bind_match(m);
    bind_measures(m);
    bind_scan(m);
    bind_script(m);
    bind_probe(m);
    bind_privacy(m);
    bind_page(m);
    bind_passages(m);
    bind_perplexity(m);
    bind_keywords(m);
}
