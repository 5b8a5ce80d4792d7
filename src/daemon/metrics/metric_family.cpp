#include "daemon/metrics/metric_family.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx::daemon {
namespace {

void write_quoted(std::string& text, std::string_view value)
{
    text += '"';
    for (const char c : value) {
        if (c == '\\' || c == '"') text += '\\';
        if (c == '\n')
            text += "\\n";
        else
            text += c;
    }
    text += '"';
}

/// @param bound  of a bucket; empty: the sample is none
void write_labels(std::string& text, const MetricName& metric, const LabelValues& values, std::string_view bound)
{
    if (values.empty() && bound.empty()) return;
    std::string_view separator = "{";
    for (std::size_t i = 0; i < values.size(); ++i) {
        text += fmt::format("{}{}=", separator, metric.labels.at(i));
        write_quoted(text, values[i]);
        separator = ",";
    }
    if (!bound.empty()) text += fmt::format("{}le=\"{}\"", separator, bound);
    text += '}';
}

}  // namespace

void write_head(std::string& text, const MetricName& metric, std::string_view type)
{
    text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", metric.name, metric.help, type);
}

void write_sample(std::string& text, const MetricName& metric, const LabelValues& values, double value)
{
    text += metric.name;
    write_labels(text, metric, values, "");
    text += fmt::format(" {}\n", value);
}

void CounterFamily::write(std::string& text) const
{
    write_head(text, metric_, "counter");
    for (const auto& [values, count] : counts_) write_sample(text, metric_, values, static_cast<double>(count));
}

void HistogramFamily::observe(LabelValues values, double seconds)
{
    Histogram& histogram = histograms_[std::move(values)];
    histogram.buckets.resize(bounds_.size() + 1);
    const auto bucket = std::ranges::lower_bound(bounds_, seconds) - bounds_.begin();
    ++histogram.buckets[static_cast<std::size_t>(bucket)];
    histogram.sum += seconds;
}

void HistogramFamily::write(std::string& text) const
{
    write_head(text, metric_, "histogram");
    for (const auto& [values, histogram] : histograms_) {
        std::uint64_t count = 0;
        for (std::size_t i = 0; i < histogram.buckets.size(); ++i) {
            count += histogram.buckets[i];
            text += fmt::format("{}_bucket", metric_.name);
            write_labels(text, metric_, values, i < bounds_.size() ? fmt::format("{}", bounds_[i]) : "+Inf");
            text += fmt::format(" {}\n", count);
        }
        text += fmt::format("{}_sum", metric_.name);
        write_labels(text, metric_, values, "");
        text += fmt::format(" {}\n{}_count", histogram.sum, metric_.name);
        write_labels(text, metric_, values, "");
        text += fmt::format(" {}\n", count);
    }
}

}  // namespace sbx::daemon
