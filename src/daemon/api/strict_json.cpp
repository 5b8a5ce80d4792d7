#include "daemon/api/strict_json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace sbx::daemon {
namespace {

using nlohmann::json;

constexpr std::size_t deepest = 32;
constexpr std::size_t most_items = 10'000;

/// Builds the document as the library's own handler does, and stops at what goes too far.
class StrictHandler : public nlohmann::detail::json_sax_dom_parser<json> {
   public:
    explicit StrictHandler(json& document) : json_sax_dom_parser(document, false) {}

    bool start_object(std::size_t elements)
    {
        names_.emplace_back();
        return enter() && json_sax_dom_parser::start_object(elements);
    }
    bool end_object()
    {
        names_.pop_back();
        --depth_;
        return json_sax_dom_parser::end_object();
    }
    bool start_array(std::size_t elements) { return enter() && json_sax_dom_parser::start_array(elements); }
    bool end_array()
    {
        --depth_;
        return json_sax_dom_parser::end_array();
    }
    bool key(std::string& name)
    {
        if (!names_.back().insert(name).second) return stop(fmt::format("the name '{}' stands twice", name));
        return json_sax_dom_parser::key(name);
    }
    bool null() { return count() && json_sax_dom_parser::null(); }
    bool boolean(bool value) { return count() && json_sax_dom_parser::boolean(value); }
    bool number_integer(std::int64_t value) { return count() && json_sax_dom_parser::number_integer(value); }
    bool number_unsigned(std::uint64_t value) { return count() && json_sax_dom_parser::number_unsigned(value); }
    bool number_float(double value, const std::string& text)
    {
        if (!std::isfinite(value)) return stop("a number is out of range");
        return count() && json_sax_dom_parser::number_float(value, text);
    }
    bool string(std::string& value) { return count() && json_sax_dom_parser::string(value); }

    template <class Exception>
    bool parse_error(std::size_t position, const std::string& /*last*/, const Exception& thrown)
    {
        position_ = position == 0 ? 0 : position - 1;  // nlohmann counts what it has read
        // nlohmann's text begins with its own number of the kind: "[json.exception.parse_error.101] ".
        const std::string what = thrown.what();
        const std::size_t begin = what.find("] ");
        return stop(begin == std::string::npos ? fmt::format("malformed at byte {}", position)
                                               : what.substr(begin + 2));
    }

    const std::string& why() const { return why_; }
    std::size_t position() const { return position_; }

   private:
    bool stop(std::string why)
    {
        if (why_.empty()) why_ = std::move(why);
        return false;
    }
    bool enter()
    {
        if (++depth_ > deepest) return stop(fmt::format("it is more than {} deep", deepest));
        return count();
    }
    bool count()
    {
        if (++items_ > most_items) return stop(fmt::format("it has more than {} values", most_items));
        return true;
    }

    std::vector<std::set<std::string>> names_;  ///< of the objects that are open
    std::size_t depth_ = 0;
    std::size_t items_ = 0;
    std::string why_;
    std::size_t position_ = 0;
};

}  // namespace

Result<json> parse_strict_json(std::string_view text, std::size_t* wrong_at)
{
    json document;
    StrictHandler handler(document);
    if (json::sax_parse(text, &handler)) return document;
    if (wrong_at) *wrong_at = handler.position();
    return Error(Errc::invalid_argument, "the body is no JSON that is taken: " + handler.why());
}

}  // namespace sbx::daemon
