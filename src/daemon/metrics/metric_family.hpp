#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::daemon {

/// What all samples of a metric share.
struct MetricName {
    std::string_view name;
    std::string_view help;
    std::vector<std::string_view> labels;
};

/// Values of a metric's labels, in their order. They come from few words that sbx knows, never from a caller.
using LabelValues = std::vector<std::string>;

/// Writes a metric's head: what it is called, what it says, and its type (`counter`, `gauge`, `histogram`).
/// @source Prometheus, "Exposition formats", the text-based format 0.0.4
void write_head(std::string& text, const MetricName& metric, std::string_view type);
void write_sample(std::string& text, const MetricName& metric, const LabelValues& values, double value);

/// A number that only grows, for each combination of labels.
class CounterFamily {
   public:
    /// @param metric  its name ends with `_total`
    explicit CounterFamily(MetricName metric) : metric_(std::move(metric)) {}

    void add(LabelValues values, std::uint64_t count = 1) { counts_[std::move(values)] += count; }
    void write(std::string& text) const;

   private:
    MetricName metric_;
    std::map<LabelValues, std::uint64_t> counts_;
};

/// How long something took, in seconds, for each combination of labels.
class HistogramFamily {
   public:
    /// @param metric  its name ends with `_seconds`
    /// @param bounds  of the buckets, ascending; of static life
    HistogramFamily(MetricName metric, const std::vector<double>& bounds) : metric_(std::move(metric)), bounds_(bounds)
    {
    }

    void observe(LabelValues values, double seconds);
    void write(std::string& text) const;

   private:
    struct Histogram {
        std::vector<std::uint64_t> buckets;  ///< not cumulative; the last one is for what is above all bounds
        double sum = 0;
    };

    MetricName metric_;
    const std::vector<double>& bounds_;
    std::map<LabelValues, Histogram> histograms_;
};

}  // namespace sbx::daemon
