#pragma once

#include "sbx/error.hpp"

#include <boost/system/result.hpp>

namespace sbx {

/// A value or an Error. There is no throwing `.value()`: test, then `*`.
template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace sbx
