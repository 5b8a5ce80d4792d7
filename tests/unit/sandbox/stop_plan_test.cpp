#include "core/sandbox/stop_plan.hpp"

#include "catch.hpp"

#include <csignal>

using namespace std::chrono_literals;
using sbx::StopAction;
using sbx::StopCause;
using sbx::StopPlan;

namespace {

const StopPlan::TimePoint start{};

using Actions = std::vector<StopAction>;

}  // namespace

TEST_CASE("a program that keeps its time limit is left alone")
{
    StopPlan plan(2s);
    plan.begin(start + 10s);
    CHECK(plan.due(start + 9s).empty());
    CHECK(plan.next() == start + 10s);
    CHECK_FALSE(plan.cause());
}

TEST_CASE("without a time limit there is nothing to wait for")
{
    StopPlan plan(2s);
    plan.begin(std::nullopt);
    CHECK_FALSE(plan.next());
}

TEST_CASE("at the time limit the program is asked, then killed, then given up")
{
    StopPlan plan(2s);
    plan.begin(start + 10s);
    CHECK(plan.due(start + 10s) == Actions{StopAction::ask});
    CHECK(plan.cause() == StopCause::timeout);
    CHECK(plan.polite_signal() == SIGTERM);
    CHECK(plan.due(start + 11s).empty());
    CHECK(plan.next() == start + 12s);
    CHECK(plan.due(start + 12s) == Actions{StopAction::kill});
    CHECK(plan.killed());
    CHECK(plan.due(start + 13s).empty());
    CHECK(plan.due(start + 14s) == Actions{StopAction::give_up});
    CHECK_FALSE(plan.next());
}

TEST_CASE("a second interrupt kills at once")
{
    StopPlan plan(2s);
    plan.begin(std::nullopt);
    plan.ask(StopCause::interrupted, SIGINT, start);
    CHECK(plan.due(start) == Actions{StopAction::ask});
    plan.ask(StopCause::interrupted, SIGINT, start + 500ms);
    CHECK(plan.due(start + 500ms) == Actions{StopAction::kill});
    CHECK(plan.polite_signal() == SIGINT);
}

TEST_CASE("an output limit kills without asking")
{
    StopPlan plan(2s);
    plan.begin(start + 10s);
    plan.kill(StopCause::output_limit, start + 1s);
    CHECK(plan.due(start + 1s) == Actions{StopAction::kill});
    CHECK(plan.cause() == StopCause::output_limit);
}

TEST_CASE("the first cause stays")
{
    StopPlan plan(2s);
    plan.begin(start + 1s);
    plan.ask(StopCause::interrupted, SIGTERM, start);
    plan.kill(StopCause::output_limit, start);
    CHECK(plan.cause() == StopCause::interrupted);
    CHECK(plan.due(start) == Actions{StopAction::kill});
}
