#pragma once

#include "daemon/interpreter/interpreter.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon::librechat {

struct UploadRules {
    std::size_t most_files = 1;
    bool keeps_going = false;    ///< files that fail are told of beside the others
    bool takes_session = false;  ///< a field may name the session that the files go to
};

/// A file of an upload.
struct UploadedFile {
    std::string name;  ///< as it was sent
    IndexedFile file;
    std::optional<Error> failure;  ///< why it was not kept
};

struct Upload {
    FileSession session;
    std::vector<UploadedFile> files;  ///< in the order in which they came; at least one, and one that was kept
    bool has_more = false;            ///< files that were more than are taken
};

/// Reads a form with files, keeps them, and makes a session of them. A body that is cut leaves nothing.
/// @error invalid_argument    it is no such form, has no file, or only ones whose names are none
/// @error too_large           the only file, or each, has too many bytes
/// @error resource_exhausted  the disk is full
/// @error as StoredFiles
asio::awaitable<Result<Upload>> receive_upload(Call& call, Interpreter& interpreter, UploadRules rules);

/// Lets a route answer 507 while the disk of the state directory is nearly full.
void refuse_when_storage_full(Route& route, Store& store);

}  // namespace sbx::daemon::librechat
