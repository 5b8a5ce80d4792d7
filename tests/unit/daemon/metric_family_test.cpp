#include "catch.hpp"

#include "daemon/metrics/metric_family.hpp"

using sbx::daemon::CounterFamily;
using sbx::daemon::HistogramFamily;

TEST_CASE("a counter is written with its head and a line for each combination of labels")
{
    CounterFamily family({"tried_total", "What was tried", {"what", "how"}});
    family.add({"one", "well"});
    family.add({"one", "well"}, 2);
    family.add({"a\"b\\c\n", "badly"});
    std::string text;
    family.write(text);
    CHECK(text ==
          "# HELP tried_total What was tried\n# TYPE tried_total counter\n"
          "tried_total{what=\"a\\\"b\\\\c\\n\",how=\"badly\"} 1\n"
          "tried_total{what=\"one\",how=\"well\"} 3\n");
}

TEST_CASE("the buckets of a histogram are cumulative, and a bound belongs to its own")
{
    const std::vector<double> bounds{0.5, 1};
    HistogramFamily family({"took_seconds", "How long", {}}, bounds);
    for (const double seconds : {0.25, 0.5, 0.75, 4.0}) family.observe({}, seconds);
    std::string text;
    family.write(text);
    CHECK(text ==
          "# HELP took_seconds How long\n# TYPE took_seconds histogram\n"
          "took_seconds_bucket{le=\"0.5\"} 2\ntook_seconds_bucket{le=\"1\"} 3\n"
          "took_seconds_bucket{le=\"+Inf\"} 4\ntook_seconds_sum 5.5\ntook_seconds_count 4\n");
}
