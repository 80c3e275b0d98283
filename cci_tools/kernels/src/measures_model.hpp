// A trained fastText classifier (Joulin et al. 2016, file version 11 and 12, plain or quantised) for prediction only.
// Gives what fastText's predict gives; rows of a quantised matrix are unpacked once, so that a feature costs one addition
// of vectors.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

// Reads the file's little-endian fields, and never beyond its end.
class ModelFile {
public:
    ModelFile(const uint8_t* p, size_t size) : p_(p), end_(p + size) {}

    template <typename T>
    T get() {
        T value;
        std::memcpy(&value, take(sizeof(T)), sizeof(T));
        return value;
    }
    template <typename T>
    std::vector<T> many(uint64_t count) {
        if (count > static_cast<uint64_t>(end_ - p_) / sizeof(T)) fail();
        std::vector<T> values(count);
        if (count) std::memcpy(values.data(), take(count * sizeof(T)), count * sizeof(T));
        return values;
    }
    std::string word() {
        const void* zero = std::memchr(p_, 0, end_ - p_);
        if (!zero) fail();
        std::string found(reinterpret_cast<const char*>(p_), static_cast<const uint8_t*>(zero) - p_);
        p_ += found.size() + 1;
        return found;
    }
    [[noreturn]] static void fail() { throw std::invalid_argument("not a fastText model, or it is cut short"); }

private:
    const uint8_t* take(size_t size) {
        if (size > static_cast<size_t>(end_ - p_)) fail();
        p_ += size;
        return p_ - size;
    }
    const uint8_t *p_, *end_;
};

class FastText {
public:
    FastText(const uint8_t* data, size_t size);

    const std::vector<std::string>& labels() const { return labels_; }

    // Probability of a label for a line of tokens; NaN where the model knows no feature of it.
    float probability(const uint8_t* p, const uint8_t* end, size_t label);

    // Natural logarithm of its odds, which tells scores apart where the probability is nearly 1; NaN likewise.
    float log_odds(const uint8_t* p, const uint8_t* end, size_t label);

private:
    enum Loss { hierarchical = 1, negative_sampling, softmax, one_vs_all };

    void read_dictionary(ModelFile& file);
    std::vector<float> read_matrix(ModelFile& file, bool quantised);
    void build_paths(const std::vector<int64_t>& counts);

    static uint32_t hash(const char* p, size_t size) {
        uint32_t h = 2166136261u;
        for (size_t i = 0; i < size; ++i) h = (h ^ static_cast<uint32_t>(static_cast<int8_t>(p[i]))) * 16777619u;
        return h;
    }
    int find(const char* p, size_t size, uint32_t hashed) const;
    void add(int64_t row);
    size_t kept_slot(uint64_t bucket) const;
    void add_bucket(uint64_t bucket);
    void add_token(const char* p, size_t size);
    bool read(const uint8_t* p, const uint8_t* end);  // false where no feature is known
    double path_probability(size_t label) const;
    void add_subwords(const std::string& word);
    float output(const float* row) const;

    int32_t dim_ = 0, word_ngrams_ = 1, loss_ = 0, bucket_ = 0, min_n_ = 0, max_n_ = 0;
    int32_t words_ = 0;
    std::vector<std::string> entries_, labels_;
    std::vector<int32_t> slots_;  // entry number or -1, by hash of the word
    bool pruned_ = false;
    struct Kept {
        int32_t bucket, row;
    };
    std::vector<Kept> kept_;  // open table of the buckets that a pruned model keeps; row -1 is an empty slot
    std::vector<uint64_t> filter_;  // one bit for each kept bucket by its hash: most pairs of a text are not kept
    int64_t rows_ = 0;                           // of the input
    std::vector<float> input_, output_;          // row after row
    std::vector<std::vector<int32_t>> path_;     // hierarchical softmax: inner nodes of each label
    std::vector<std::vector<bool>> code_;
    // One document
    std::vector<float> sum_;
    std::vector<int32_t> hashes_;
    std::string padded_;
    size_t features_ = 0;
};
