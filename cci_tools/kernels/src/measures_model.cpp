#include "measures_model.hpp"

#include <limits>

namespace {
constexpr int32_t MAGIC = 793712314, VERSION = 12, SUPERVISED = 3;
constexpr uint64_t MULTIPLIER = 0x9E3779B97F4A7C15u, FILTER_BITS = 1 << 19;
constexpr double ADDED = 1e-5;  // fastText adds it to each probability before it takes the logarithm
const std::string LABEL = "__label__", END = "</s>";

// fastText reads the logistic function from a table of 512 steps between -8 and 8; so do we.
float logistic(float x) {
    if (x < -8) return 0;
    if (x > 8) return 1;
    const auto step = static_cast<int64_t>((x + 8) * 512 / 8 / 2);
    return static_cast<float>(1 / (1 + std::exp(-(static_cast<double>(step) * 2 * 8 / 512 - 8))));
}
}  // namespace

FastText::FastText(const uint8_t* data, size_t size) {
    ModelFile file(data, size);
    if (file.get<int32_t>() != MAGIC) ModelFile::fail();
    const int32_t version = file.get<int32_t>();
    if (version > VERSION) throw std::invalid_argument("fastText model of a newer version");
    dim_ = file.get<int32_t>();
    for (int i = 0; i < 4; ++i) file.get<int32_t>();  // ws, epoch, minCount, neg: of training only
    word_ngrams_ = file.get<int32_t>();
    loss_ = file.get<int32_t>();
    const int32_t kind = file.get<int32_t>();
    bucket_ = file.get<int32_t>();
    min_n_ = file.get<int32_t>();
    max_n_ = file.get<int32_t>();
    file.get<int32_t>();  // lrUpdateRate
    file.get<double>();   // t
    if (kind != SUPERVISED) throw std::invalid_argument("fastText model of word vectors; a classifier is needed");
    if (dim_ < 1 || bucket_ < 0 || loss_ < hierarchical || loss_ > one_vs_all) ModelFile::fail();
    if (version == 11) max_n_ = 0;
    read_dictionary(file);
    const bool quantised = file.get<uint8_t>();
    input_ = read_matrix(file, quantised);
    rows_ = static_cast<int64_t>(input_.size()) / dim_;
    const bool quantised_output = file.get<uint8_t>();
    output_ = read_matrix(file, quantised && quantised_output);
    if (output_.size() / dim_ < labels_.size()) ModelFile::fail();
    sum_.resize(dim_);
}

void FastText::read_dictionary(ModelFile& file) {
    const int32_t size = file.get<int32_t>();
    words_ = file.get<int32_t>();
    const int32_t label_count = file.get<int32_t>();
    file.get<int64_t>();  // ntokens
    const int64_t kept = file.get<int64_t>();
    if (size < 0 || words_ < 0 || label_count < 1 || words_ + int64_t{label_count} != size) ModelFile::fail();
    std::vector<int64_t> counts;
    for (int32_t i = 0; i < size; ++i) {
        entries_.push_back(file.word());
        const int64_t count = file.get<int64_t>();
        if (file.get<int8_t>() == 1) {
            labels_.push_back(entries_.back());
            counts.push_back(count);
        }
    }
    if (labels_.size() != static_cast<size_t>(label_count)) ModelFile::fail();
    pruned_ = kept >= 0;
    const auto rows = file.many<Kept>(pruned_ ? kept : 0);
    size_t capacity = 64;
    while (capacity < rows.size() * 2) capacity *= 2;
    kept_.assign(pruned_ ? capacity : 0, Kept{-1, -1});
    filter_.assign(FILTER_BITS / 64, 0);
    for (const Kept& one : rows) {
        if (one.bucket < 0 || one.row < 0) continue;
        kept_[kept_slot(one.bucket)] = one;
        const uint64_t bit = one.bucket * MULTIPLIER >> 40 & (FILTER_BITS - 1);
        filter_[bit >> 6] |= uint64_t{1} << (bit & 63);
    }
    capacity = 64;
    while (capacity < entries_.size() * 4) capacity *= 2;
    slots_.assign(capacity, -1);
    for (size_t i = 0; i < entries_.size(); ++i) {
        size_t slot = hash(entries_[i].data(), entries_[i].size()) & (capacity - 1);
        while (slots_[slot] >= 0) slot = (slot + 1) & (capacity - 1);
        slots_[slot] = static_cast<int32_t>(i);
    }
    if (loss_ == hierarchical) build_paths(counts);
}

std::vector<float> FastText::read_matrix(ModelFile& file, bool quantised) {
    if (!quantised) {
        const int64_t rows = file.get<int64_t>(), columns = file.get<int64_t>();
        if (rows < 0 || columns != dim_ || rows > std::numeric_limits<int64_t>::max() / dim_) ModelFile::fail();
        return file.many<float>(static_cast<uint64_t>(rows) * dim_);
    }
    const bool normed = file.get<uint8_t>();
    const int64_t rows = file.get<int64_t>(), columns = file.get<int64_t>();
    const int32_t code_size = file.get<int32_t>();
    if (rows < 0 || columns != dim_ || code_size < 0) ModelFile::fail();
    const auto codes = file.many<uint8_t>(code_size);
    struct Quantiser {
        int32_t dim, parts, width, last;
        std::vector<float> centroids;
        explicit Quantiser(ModelFile& file)
            : dim(file.get<int32_t>()), parts(file.get<int32_t>()), width(file.get<int32_t>()),
              last(file.get<int32_t>()) {
            if (dim < 1 || parts < 1 || width < 1 || last < 1 || last > width) ModelFile::fail();
            if ((parts - 1) * int64_t{width} + last != dim) ModelFile::fail();
            centroids = file.many<float>(static_cast<uint64_t>(dim) * 256);
        }
        const float* centroid(int32_t part, uint8_t code) const {
            const size_t base = static_cast<size_t>(part) * 256 * width;
            return centroids.data() + base + static_cast<size_t>(code) * (part == parts - 1 ? last : width);
        }
    };
    const Quantiser product(file);
    std::vector<uint8_t> norms;
    std::vector<float> norm_of(256, 1.0f);
    if (normed) {
        norms = file.many<uint8_t>(rows);
        norm_of = Quantiser(file).centroids;
    }
    if (product.dim != dim_ || codes.size() / product.parts != static_cast<uint64_t>(rows)) ModelFile::fail();
    std::vector<float> matrix(static_cast<size_t>(rows) * dim_);
    for (int64_t row = 0; row < rows; ++row) {
        const float norm = normed ? norm_of[norms[row]] : 1.0f;
        for (int32_t part = 0; part < product.parts; ++part) {
            const float* c = product.centroid(part, codes[row * product.parts + part]);
            const int32_t width = part == product.parts - 1 ? product.last : product.width;
            for (int32_t i = 0; i < width; ++i) matrix[row * dim_ + part * product.width + i] = norm * c[i];
        }
    }
    return matrix;
}

// The Huffman tree of the labels, built as fastText builds it: counts fall from the first label to the last.
void FastText::build_paths(const std::vector<int64_t>& counts) {
    const int64_t leaves = counts.size(), nodes = 2 * leaves - 1;
    std::vector<int64_t> count(counts);
    std::vector<int32_t> parent(nodes, -1);
    std::vector<bool> right(nodes, false);
    count.resize(nodes, int64_t{1000000000000000});
    int64_t leaf = leaves - 1, node = leaves;
    for (int64_t made = leaves; made < nodes; ++made) {
        int64_t least[2];
        for (auto& one : least) one = leaf >= 0 && count[leaf] < count[node] ? leaf-- : node++;
        count[made] = count[least[0]] + count[least[1]];
        parent[least[0]] = parent[least[1]] = static_cast<int32_t>(made);
        right[least[1]] = true;
    }
    for (int64_t i = 0; i < leaves; ++i) {
        std::vector<int32_t> path;
        std::vector<bool> code;
        for (int64_t at = i; parent[at] != -1; at = parent[at]) {
            path.push_back(static_cast<int32_t>(parent[at] - leaves));
            code.push_back(right[at]);
        }
        path_.push_back(path);
        code_.push_back(code);
    }
}

int FastText::find(const char* p, size_t size, uint32_t hashed) const {
    for (size_t slot = hashed & (slots_.size() - 1); slots_[slot] >= 0; slot = (slot + 1) & (slots_.size() - 1)) {
        const std::string& entry = entries_[slots_[slot]];
        if (entry.size() == size && !std::memcmp(entry.data(), p, size)) return slots_[slot];
    }
    return -1;
}

void FastText::add(int64_t row) {
    if (row >= rows_) return;
    const float* __restrict const v = input_.data() + row * dim_;
    float* __restrict const sum = sum_.data();
    for (int32_t i = 0; i < dim_; ++i) sum[i] += v[i];
    ++features_;
}

// Where a bucket is, or the empty slot where it would be.
size_t FastText::kept_slot(uint64_t bucket) const {
    const size_t mask = kept_.size() - 1;
    size_t slot = bucket * MULTIPLIER >> 32 & mask;
    while (kept_[slot].row >= 0 && kept_[slot].bucket != static_cast<int32_t>(bucket)) slot = (slot + 1) & mask;
    return slot;
}

void FastText::add_bucket(uint64_t bucket) {
    if (!pruned_) return add(int64_t{words_} + static_cast<int64_t>(bucket));
    const uint64_t bit = bucket * MULTIPLIER >> 40 & (FILTER_BITS - 1);
    if (!(filter_[bit >> 6] >> (bit & 63) & 1)) return;
    const Kept& found = kept_[kept_slot(bucket)];
    if (found.row >= 0) add(int64_t{words_} + found.row);
}

void FastText::add_subwords(const std::string& word) {
    const auto inside = [&](size_t i) { return i < word.size() && (word[i] & 0xC0) == 0x80; };
    for (size_t i = 0; i < word.size(); ++i) {
        if (inside(i)) continue;
        for (size_t j = i, n = 1; j < word.size() && n <= static_cast<size_t>(max_n_); ++n) {
            for (++j; inside(j);) ++j;
            if (n >= static_cast<size_t>(min_n_) && !(n == 1 && (i == 0 || j == word.size())))
                add_bucket(hash(word.data() + i, j - i) % static_cast<uint32_t>(bucket_));
        }
    }
}

void FastText::add_token(const char* p, size_t size) {
    const uint32_t hashed = hash(p, size);
    const int entry = find(p, size, hashed);
    const bool end = size == END.size() && !std::memcmp(p, END.data(), size);
    if (entry >= words_ || (entry < 0 && size >= LABEL.size() && !std::memcmp(p, LABEL.data(), LABEL.size()))) return;
    if (entry >= 0) add(entry);
    if (!end && max_n_ > 0 && bucket_ > 0) {
        padded_.assign(1, '<').append(p, size).push_back('>');
        add_subwords(padded_);
    }
    hashes_.push_back(static_cast<int32_t>(hashed));
}

float FastText::output(const float* row) const {
    float dot = 0;
    for (int32_t i = 0; i < dim_; ++i) dot += row[i] * sum_[i];
    return dot;
}

bool FastText::read(const uint8_t* p, const uint8_t* end) {
    sum_.assign(dim_, 0.0f);
    hashes_.clear();
    features_ = 0;
    const auto space = [](uint8_t b) { return b == ' ' || (b >= '\t' && b <= '\r') || b == 0; };
    while (p < end) {
        const uint8_t* begin = p;
        while (p < end && !space(*p)) ++p;
        if (p - begin == static_cast<int64_t>(END.size()) && !std::memcmp(begin, END.data(), END.size())) break;
        if (p > begin) add_token(reinterpret_cast<const char*>(begin), p - begin);
        if (p < end) ++p;
    }
    add_token(END.data(), END.size());
    if (bucket_ > 0)
        for (size_t i = 0; i < hashes_.size(); ++i) {
            uint64_t h = static_cast<uint64_t>(static_cast<int64_t>(hashes_[i]));
            for (size_t j = i + 1; j < hashes_.size() && j < i + word_ngrams_; ++j) {
                h = h * 116049371 + static_cast<uint64_t>(static_cast<int64_t>(hashes_[j]));
                add_bucket(h % static_cast<uint64_t>(bucket_));
            }
        }
    for (float& value : sum_) value /= static_cast<float>(features_);
    return features_ > 0;
}

double FastText::path_probability(size_t label) const {
    double product = 1;
    for (size_t i = 0; i < path_[label].size(); ++i) {
        const float* const node = &output_[static_cast<size_t>(path_[label][i]) * dim_];
        const double yes = 1 / (1 + std::exp(-double{output(node)}));
        product *= (code_[label][i] ? yes : 1 - yes) + ADDED;
    }
    return std::fmin(product, 1.0);
}

float FastText::probability(const uint8_t* p, const uint8_t* end, size_t label) {
    if (!read(p, end)) return std::numeric_limits<float>::quiet_NaN();
    if (loss_ == hierarchical) return static_cast<float>(path_probability(label));
    if (loss_ != softmax) return static_cast<float>(std::fmin(logistic(output(&output_[label * dim_])) + ADDED, 1.0));
    const float own = output(&output_[label * dim_]);
    double sum = 0;
    for (size_t i = 0; i < labels_.size(); ++i) sum += std::exp(double{output(&output_[i * dim_])} - own);
    return static_cast<float>(std::fmin(1 / sum + ADDED, 1.0));
}

float FastText::log_odds(const uint8_t* p, const uint8_t* end, size_t label) {
    constexpr double MOST = 50;
    if (!read(p, end)) return std::numeric_limits<float>::quiet_NaN();
    double odds;
    if (loss_ == hierarchical) {
        const double yes = path_probability(label);
        odds = std::log(yes / (1 - yes));
    } else if (loss_ == softmax) {
        const float own = output(&output_[label * dim_]);
        double others = 0;
        for (size_t i = 0; i < labels_.size(); ++i)
            if (i != label) others += std::exp(double{output(&output_[i * dim_])} - own);
        odds = -std::log(others);
    } else {
        odds = output(&output_[label * dim_]);
    }
    return static_cast<float>(std::fmax(-MOST, std::fmin(odds, MOST)));
}
