#include "daemon/api/schema.hpp"

namespace sbx::daemon {

using Json = Schemas::Json;

Json Schemas::simple(const char* type)
{
    return {{"type", type}};
}

Json Schemas::reference(const std::string& name)
{
    return {{"$ref", "#/components/schemas/" + name}};
}

Json Schemas::nullable(Json schema)
{
    return {{"anyOf", Json::array({std::move(schema), simple("null")})}};
}

Json Schemas::list_of(Json items)
{
    return {{"type", "array"}, {"items", std::move(items)}};
}

Json Schemas::map_of(Json values)
{
    return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}

Json Schemas::words(std::vector<std::string> names)
{
    return {{"type", "string"}, {"enum", std::move(names)}};
}

Json Schemas::milliseconds()
{
    return {{"type", "integer"}, {"minimum", 0}};
}

Json Schemas::begin_object(const std::string& name)
{
    return {{"type", "object"}, {"title", name}, {"properties", Json::object()}};
}

void Schemas::add_property(Json& object, const std::string& name, Json schema, Json fallback, const Field* field,
                           bool is_list)
{
    const bool is_required = field != nullptr && field->required;
    if (!fallback.is_null() && !is_required) schema["default"] = std::move(fallback);
    if (field != nullptr) {
        if (!field->description.empty()) schema["description"] = field->description;
        if (field->minimum) schema["minimum"] = *field->minimum;
        if (field->maximum) schema["maximum"] = *field->maximum;
        if (field->max_length) schema[is_list ? "maxItems" : "maxLength"] = *field->max_length;
        if (!field->example.empty()) schema["examples"] = Json::array({Json::parse(field->example)});
    }
    object["properties"][name] = std::move(schema);
    if (is_required) object["required"].push_back(name);
}

}  // namespace sbx::daemon
