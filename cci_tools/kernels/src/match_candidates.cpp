// Exact groups by digest, band keys, and candidate pairs by a walk through each bucket with a short list of leaders.
#include <nanobind/stl/optional.h>

#include <cstring>
#include <limits>
#include <optional>

#include "match_conflicts.hpp"
#include "match_group.hpp"

namespace {

constexpr size_t MOST = std::numeric_limits<uint32_t>::max();

// The candidate pairs of all bands, each once: what came in since the last time is sorted in when it has doubled them.
class PairSet {
  public:
    void insert(uint64_t code) {
        codes_.push_back(code);
        if (codes_.size() >= limit_) {
            tidy();
            limit_ = std::max(limit_, 2 * codes_.size());
        }
    }
    std::vector<uint64_t> take() {
        tidy();
        return std::move(codes_);
    }

  private:
    void tidy() {
        std::sort(codes_.begin(), codes_.end());
        codes_.erase(std::unique(codes_.begin(), codes_.end()), codes_.end());
    }
    std::vector<uint64_t> codes_;
    size_t limit_ = 1 << 20;
};

inline int equal_slots(const uint32_t* a, const uint32_t* b, size_t slots) {
    int equal = 0;
    for (size_t i = 0; i < slots; ++i) equal += a[i] == b[i];
    return equal;
}

void band_keys(InputMatrix<uint32_t> signatures, Input<int64_t> rows, int first_band, int width,
               OutputMatrix<uint64_t> keys) {
    const size_t count = rows.shape(0), bands = keys.shape(0), slots = signatures.shape(1);
    require(keys.shape(1) == count, "keys: one column for each of rows is needed");
    require(first_band >= 0 && width > 0 && (first_band + bands) * width <= slots, "bands: beyond the signature");
    const uint32_t* const base = signatures.data();
    const int64_t *const row = rows.data(), total = static_cast<int64_t>(signatures.shape(0));
    uint64_t* const out = keys.data();
    for (size_t i = 0; i < count; ++i) require(row[i] >= 0 && row[i] < total, "rows: beyond the signatures");
    nb::gil_scoped_release release;
    for (size_t i = 0; i < count; ++i) {
        const uint32_t* slot = base + row[i] * slots + static_cast<size_t>(first_band) * width;
        for (size_t b = 0; b < bands; ++b) {
            uint64_t key = first_band + b + 1;  // so that equal slots of two bands do not meet
            for (int k = 0; k < width; ++k) key = (key + *slot++) * 0xD1342543DE82EF95u;
            out[b * count + i] = mix64(key);
        }
    }
}

// What the walk through the buckets of one call leaves.
struct Walk {
    const uint32_t* signatures;
    size_t slots;
    const int64_t* rows;
    const uint32_t* ranks;
    const uint8_t* hard;
    uint8_t* absorbed;
    int near, sure;
    size_t cap;
    bool last;
    PairSet pairs;
    std::vector<int64_t> overflow;  // positions in the matrix of keys
    std::vector<Keyed> leaders;
    std::vector<uint64_t> found;  // in the bucket
    std::vector<int64_t> taken;   // absorbed in the bucket
    std::optional<SlotView> figures;   // none: figures are not compared
    const int64_t* list_of = nullptr;  // the list of each column
    double rate = 0;
    Conflicts conflicts;

    // Whether more of the figures differ than do in duplicates.
    bool other_facts(const Keyed& a, const Keyed& b) {
        if (!figures) return false;
        const int64_t x = list_of[a.index], y = list_of[b.index];
        int32_t shared[FORMS], differ[FORMS];
        conflicts.compare(figures->begin(x), figures->end(x), figures->begin(y), figures->end(y), shared, differ);
        for (int form = 0; form < FORMS; ++form)
            if (differ[form] > rate * shared[form]) return true;
        return false;
    }
    const uint32_t* sketch(int64_t row) const { return signatures + row * slots; }

    void bucket(Keyed* first, Keyed* last_entry, size_t line_start) {
        const auto rank = [this](const Keyed& e) { return ranks[rows[e.index]]; };
        std::sort(first, last_entry, [&](const Keyed& a, const Keyed& b) { return rank(a) < rank(b); });
        const auto pass_on = [&](const Keyed& e) { overflow.push_back(static_cast<int64_t>(line_start + e.index)); };
        leaders.clear();
        found.clear();
        taken.clear();
        for (const Keyed* e = first; e < last_entry; ++e) {
            const int64_t row = rows[e->index];
            if (e > first && row == rows[e[-1].index]) continue;
            bool sure_of_one = false;
            for (const Keyed& leader : leaders) {
                if (other_facts(leader, *e)) continue;
                const int equal = equal_slots(sketch(rows[leader.index]), sketch(row), slots);
                if (equal < near) continue;
                found.push_back(static_cast<uint64_t>(rank(leader)) << 32 | ranks[row]);
                sure_of_one |= equal >= sure;
            }
            if (sure_of_one && !hard[row]) {
                taken.push_back(row);
            } else if (leaders.size() < cap) {
                leaders.push_back(*e);
            } else if (last) {
                pass_on(*e);
            } else {  // the bucket will be split: what was found will be found again, and all the rest
                std::for_each(static_cast<const Keyed*>(first), static_cast<const Keyed*>(last_entry), pass_on);
                return;
            }
        }
        for (const uint64_t pair : found) pairs.insert(pair);
        for (const int64_t row : taken) absorbed[row] = 1;
    }
};

auto band_candidates(InputMatrix<uint64_t> keys, Input<int64_t> rows, Input<uint32_t> ranks,
                     InputMatrix<uint32_t> signatures, Input<uint8_t> hard, Output<uint8_t> absorbed, int near,
                     int sure, size_t cap, bool last, std::optional<Input<uint64_t>> slots,
                     std::optional<Input<int64_t>> starts, std::optional<Input<int64_t>> list_of, double rate) {
    const size_t bands = keys.shape(0), count = rows.shape(0), total = ranks.shape(0);
    require(keys.shape(1) == count, "keys: one column for each of rows is needed");
    require(signatures.shape(0) == total && hard.shape(0) == total && absorbed.shape(0) == total,
            "ranks, signatures, hard and absorbed: one entry for each document is needed");
    require(count <= MOST && total <= MOST, "more than 2**32 - 1 documents in one match");
    require(cap > 0, "cap: at least one leader is needed");
    for (size_t i = 0; i < count; ++i)
        require(rows.data()[i] >= 0 && static_cast<size_t>(rows.data()[i]) < total, "rows: beyond the documents");
    Walk walk{signatures.data(), signatures.shape(1), rows.data(), ranks.data(), hard.data(), absorbed.data(),
              near, sure, cap, last, {}, {}, {}, {}, {}, {}, nullptr, rate, {}};
    if (slots && starts && list_of) {
        walk.figures.emplace(*slots, *starts);
        walk.list_of = list_of->data();
        require(list_of->shape(0) == count, "list_of: one entry for each of rows is needed");
        for (size_t i = 0; i < count; ++i) require(walk.figures->has(walk.list_of[i]), "list_of: beyond the lists");
    }
    std::vector<uint64_t> codes;
    {
        nb::gil_scoped_release release;
        std::vector<Keyed> entries(count);
        Grouping group;
        const auto prefetch = [&](const Keyed& e) {
            const char* line = reinterpret_cast<const char*>(walk.sketch(walk.rows[e.index]));
            for (size_t i = 0; i < walk.slots * sizeof(uint32_t); i += 64) __builtin_prefetch(line + i);
        };
        for (size_t b = 0; b < bands; ++b) {
            const uint64_t* const key = keys.data() + b * count;
            for (size_t i = 0; i < count; ++i)
                entries[i] = {static_cast<uint32_t>(key[i]), static_cast<uint32_t>(key[i] >> 32),
                              static_cast<uint32_t>(i)};
            group(entries, prefetch, [&](Keyed* first, Keyed* last) { walk.bucket(first, last, b * count); });
        }
        codes = walk.pairs.take();
        std::sort(walk.overflow.begin(), walk.overflow.end());
    }
    return nb::make_tuple(to_numpy(std::move(codes)), to_numpy(std::move(walk.overflow)));
}

void shared_slots(InputMatrix<uint32_t> signatures, Input<int64_t> a, Input<int64_t> b, Output<int32_t> equal) {
    const size_t n = a.shape(0), slots = signatures.shape(1);
    const int64_t total = static_cast<int64_t>(signatures.shape(0));
    require(b.shape(0) == n && equal.shape(0) == n, "a, b and equal: the same length is needed");
    for (size_t i = 0; i < n; ++i)
        require(a.data()[i] >= 0 && a.data()[i] < total && b.data()[i] >= 0 && b.data()[i] < total,
                "a, b: beyond the signatures");
    nb::gil_scoped_release release;
    for (size_t i = 0; i < n; ++i)
        equal.data()[i] = equal_slots(signatures.data() + a.data()[i] * slots, signatures.data() + b.data()[i] * slots,
                                      slots);
}

void group_digests(InputMatrix<uint64_t> digests, Input<uint32_t> ranks, Input<int64_t> rows, Output<int64_t> best) {
    const size_t n = digests.shape(0), count = rows.shape(0);
    require(digests.shape(1) == 2, "digests: two 64-bit halves are needed");
    require(ranks.shape(0) == n && best.shape(0) == n && n <= MOST, "ranks, best: one entry for each digest is needed");
    const int64_t* const row = rows.data();
    for (size_t i = 0; i < count; ++i)
        require(row[i] >= 0 && static_cast<size_t>(row[i]) < n, "rows: beyond the digests");
    const uint64_t* const half = digests.data();
    nb::gil_scoped_release release;
    for (size_t i = 0; i < n; ++i) best.data()[i] = static_cast<int64_t>(i);
    std::vector<Keyed> entries(count);
    for (size_t i = 0; i < count; ++i) {
        const uint64_t key = half[2 * row[i]];
        entries[i] = {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32), static_cast<uint32_t>(row[i])};
    }
    Grouping()(entries, [](const Keyed&) {}, [&](Keyed* first, Keyed* last) {
        const auto other = [half](const Keyed& e) { return half[2 * e.index + 1]; };
        const auto rank = [&](const Keyed& e) { return ranks.data()[e.index]; };
        std::sort(first, last, [&](const Keyed& a, const Keyed& b) {
            return other(a) != other(b) ? other(a) < other(b) : rank(a) < rank(b);
        });
        for (const Keyed* e = first; e < last; ++e) {
            if (other(*e) != other(*first)) first = const_cast<Keyed*>(e);
            best.data()[e->index] = first->index;
        }
    });
}

}  // namespace

void bind_match_candidates(nb::module_& m) {
    using namespace nb::literals;
    m.def("group_digests", &group_digests, "digests"_a, "ranks"_a, "rows"_a, "best"_a,
          "For each of the rows the row of lowest rank with the same digest; itself for the others.");
    m.def("band_keys", &band_keys, "signatures"_a, "rows"_a, "first_band"_a, "width"_a, "keys"_a,
          "64-bit keys of consecutive bands of `width` slots, a line of `keys` for each band.");
    m.def("band_candidates", &band_candidates, "keys"_a, "rows"_a, "ranks"_a, "signatures"_a, "hard"_a, "absorbed"_a,
          "near"_a, "sure"_a, "cap"_a, "last"_a, "slots"_a = nb::none(), "starts"_a = nb::none(), "list_of"_a = nb::none(), "rate"_a = 0.0,
          "Candidate pairs as rank << 32 | rank, ascending, and the positions in `keys` of what found no place.");
    m.def("shared_slots", &shared_slots, "signatures"_a, "a"_a, "b"_a, "equal"_a,
          "Number of equal slots of each pair of signatures.");
}
