// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/state/stateformat.h"
#include "common/util/lockfile.h"

#include <optional>

namespace ExporterProxy {

/// The state file on disk. It is replaced in such a way that there is a whole one at every moment, whatever
/// ends the process or the machine. Blocks while the disk does. One thread at a time.
///
/// Beside FILE there is FILE.lock, which is locked as long as this object lives, and during a write FILE.new.
/// All are created with mode 0600, and no symbolic link to them is followed.
class StateFile
{
public:
    using Apps = std::vector<std::shared_ptr<const AppSnapshot>>;

    /// Only stores the path.
    explicit StateFile(const QString &path);

    StateFile(const StateFile &) = delete;
    StateFile &operator=(const StateFile &) = delete;

    /// Takes the lock and checks that the file can be written. Fails if the state cannot be kept here.
    Result<> open();

    /// The result of reading the file.
    struct Content
    {
        bool existed = false;
        std::vector<std::shared_ptr<AppSnapshot>> apps; ///< empty if the file is damaged
        std::size_t leftOut = 0; ///< applications beyond the limits
        Timestamp writtenAt = Never;
        QString damage; ///< what is wrong with the file, one clause; empty if nothing is
        QString setAsideAs; ///< the path to which a damaged file was renamed
    };

    /// Reads the file. A damaged file, or one of another version, is renamed, never overwritten. Fails if the
    /// file cannot be read, if it is damaged and cannot be renamed, or if it is not ours: then it stays as it
    /// is.
    Result<Content> read(const StateReader::Limits &limits);

    /// Replaces the file: writes a new one, fsync, rename, fsync of the folder. Releases each application
    /// once it is written, so that replaced texts are freed early. After a failure the file is as it was
    /// before.
    Result<> write(Apps apps, Timestamp now);

    /// The size in bytes of the file that was written last.
    qint64 size() const { return m_size; }
    const QString &path() const { return m_path; }

private:
    Result<> checkFile() const;
    Result<QString> setAside() const;
    Failure cannot(const char *what, int error) const;

    const QString m_path;
    const QByteArray m_name; ///< in its folder
    Descriptor m_folder; ///< all files are opened relative to it, because the folder may be moved meanwhile
    std::optional<LockFile> m_lock; ///< after m_folder, which it uses
    qint64 m_size = 0;
};

} // namespace ExporterProxy
