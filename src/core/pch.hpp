#pragma once

#include <fmt/format.h>
#include <boost/asio.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
